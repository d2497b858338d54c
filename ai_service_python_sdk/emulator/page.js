'use strict';
// The page of the emulator: asks /control/state again and again, and draws what has changed.
const WORDS = {
  en: { title: 'AI Portrait emulator', other: '中文', live: 'live', lost: 'not running',
    jobs: 'Jobs', portraits: 'Portraits', requests: 'Requests', time: 'Time of trainings',
    hold: 'Hold', release: 'Release', looks: 'looks', seconds: 'seconds', set: 'Set',
    number: 'how many', kind: 'of what', faults: 'Faults', action: 'Action', error: 'Error',
    code: 'Photo code', photo: 'Photo', status: 'Status', body: 'Body', sent: 'Body', operation: 'Operation',
    any: 'any', times: 'Times', always: 'always', addFault: 'Set fault', clear: 'Clear all faults',
    reset: 'Reset', sure: 'Forget everything?', finish: 'Finish', fail: 'Fail', held: 'held',
    resetWhat: 'Forgets jobs, people, used quota, requests, faults and portraits.',
    running: 'Running jobs', calls: 'Calls counted', refused: 'Refused requests',
    noJobs: 'No job yet. A training appears here as soon as a program starts one.',
    noPortraits: 'No portrait yet. Each creation is shown beside its template.',
    noRequests: 'No request yet. Point a program at the address above.',
    template: 'template', portrait: 'portrait', answer: 'Answer', headers: 'Headers',
    signature: 'Signature, step by step', right: 'The signature is right.',
    byte: 'First difference: byte {}', signed: 'signed  ', received: 'received',
    happened: 'happened', plain: 'all parameters at their defaults',
    afterLooks: 'after {} looks', afterSeconds: '{} s',
    states: ['initialised', 'running', 'succeeded', 'failed'], photoCodes: {},
    gone: 'The emulator was started anew: reload this page.' },
  zh: { title: 'AI 写真模拟器', other: 'English', live: '实时', lost: '未运行',
    jobs: '任务', portraits: '写真', requests: '请求', time: '训练时间',
    hold: '暂停', release: '放行', looks: '次查询', seconds: '秒', set: '设置',
    number: '数量', kind: '单位', faults: '故障', action: '动作', error: '错误',
    code: '照片代码', photo: '照片', status: '状态码', body: '响应体', sent: '请求体', operation: '接口',
    any: '任意', times: '次数', always: '一直', addFault: '设置故障', clear: '清除所有故障',
    reset: '重置', sure: '确定清空全部？', finish: '完成', fail: '失败', held: '已暂停',
    resetWhat: '清空任务、人物、已用额度、请求、故障和写真。',
    running: '进行中的任务', calls: '已计调用', refused: '被拒绝的请求',
    noJobs: '还没有任务。程序开始模型训练后会显示在这里。',
    noPortraits: '还没有写真。每次写真制作都会与模板并排显示。',
    noRequests: '还没有请求。请让程序访问上方的地址。',
    template: '模板', portrait: '写真', answer: '响应', headers: '请求头',
    signature: '签名过程', right: '签名正确。', byte: '首个不同的字节：第 {} 字节',
    signed: '签名内容', received: '收到内容', happened: '已发生',
    plain: '参数均为默认值', afterLooks: '查询 {} 次后完成', afterSeconds: '{} 秒',
    states: ['初始化', '运行中', '成功', '失败'],
    photoCodes: { 2: '照片无法下载或解码', 3: '人脸数不为 1', 4: '人脸检测失败', 5: '人脸无法识别',
      6: '与其他照片不是同一人' },
    gone: '模拟器已重新启动，请刷新页面。' },
};
const $ = id => document.getElementById(id);
const KEY = document.querySelector('meta[name=emulator-key]').content;
const PAUSE = 600; // Milliseconds between two looks.
let lang = 'en', state = null, toastEnd = 0;
const t = (key, value) => String(WORDS[lang][key]).replace('{}', value);

function el(tag, props, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props || {})) {
    if (name in node && name !== 'list') node[name] = value; else node.setAttribute(name, value);
  }
  node.append(...children.flat(Infinity).filter(child => child !== null && child !== undefined));
  return node;
}

function say(text) {
  $('toast').textContent = text;
  $('toast').hidden = false;
  clearTimeout(toastEnd);
  toastEnd = setTimeout(() => { $('toast').hidden = true; }, 6000);
}

async function send(method, path, body) {
  const answer = await fetch(path, { method, body: JSON.stringify(body || {}),
    headers: { 'Content-Type': 'application/json', 'X-Emulator-Key': KEY } });
  if (!answer.ok) say(answer.status === 403 ? t('gone') : (await answer.json()).problem);
  await look();
  return answer.ok;
}
const steer = wanted => send('POST', '/control/trainings', wanted);

// Drawing: an item is made anew only when what it shows has changed, so that what is open stays.
function draw(id, items, make, empty) {
  const box = $(id), known = new Map([...box.children].map(node => [node.dataset.key, node]));
  const wanted = items.map(([key, item]) => {
    const shown = lang + JSON.stringify(item);
    let node = known.get(String(key));
    if (!node || node.shown !== shown) {
      const isOpen = node && node.open, chosen = node && node.querySelector('select');
      node = make(item);
      const choice = node.querySelector('select');
      if (chosen && choice) choice.value = chosen.value;
      node.dataset.key = key;
      node.shown = shown;
      if (isOpen) node.open = true;
    }
    return node;
  });
  if (!wanted.length && empty) wanted.push(el('p', { className: 'empty' }, t(empty)));
  wanted.forEach((node, index) => {
    if (box.children[index] !== node) box.insertBefore(node, box.children[index] || null);
  });
  while (box.children.length > wanted.length) box.lastChild.remove();
  const count = $(id + '-count');
  if (count) count.textContent = items.length || '';
}

const clock = time => new Date(time * 1000).toLocaleTimeString('en-GB');
function pill(text, kind) { return el('span', { className: 'pill ' + kind }, text); }
function isRunning(job) { return job.state < 2; }
function fileOf(url) { // Only what this emulator serves itself is shown.
  try {
    const parts = new URL(url);
    const isOurs = parts.port === location.port && parts.pathname.startsWith('/files/');
    return isOurs ? parts.pathname : '';
  } catch (error) { return ''; }
}

function photo(one) {
  const kind = one.code === undefined ? '' : one.code === 1 ? 'good' : 'bad';
  const src = kind && one.code !== 2 ? fileOf(one.url) : '';
  return el('div', { className: 'photo ' + kind, title: one.url },
    src ? el('img', { src, alt: one.name, loading: 'lazy' }) : null,
    kind ? pill(one.code === 1 ? '✓' : one.code, kind) : null, el('small', {}, one.name));
}

function reasons(photos) {
  const told = photos.filter(one => one.emulated_reason || one.code > 1);
  return told.length ? el('ul', { className: 'why' }, told.map(one =>
    el('li', { className: one.code === 1 ? 'doubt' : '' }, el('b', {}, one.name),
      ` · ${one.code} ${WORDS[lang].photoCodes[one.code] || one.message}`,
      one.emulated_reason ? ': ' + one.emulated_reason : ''))) : null;
}

function job(one) {
  const age = el('span', { className: 'muted age' });
  age.id = 'age-' + one.id;
  let steering = [];
  if (isRunning(one)) {
    const errors = el('select', { ariaLabel: t('error') }, ['train_weights', 'train_template',
      'photos', 'storage', 'photos_missing', 'train_input'].map(name => el('option', {}, name)));
    steering = [el('button', { onclick: () => steer({ action: 'finish', job: one.id }) },
      t('finish')), el('button', { onclick: () => steer({ action: 'fail', job: one.id,
      error: errors.value }) }, t('fail')), errors];
  }
  return el('article', { className: 'card' }, el('div', { className: 'head' },
    el('b', {}, `#${one.id}`), pill(`${one.state} · ${WORDS[lang].states[one.state]}`,
      ['wait', 'wait', 'good', 'bad'][one.state]),
    el('span', { className: 'muted' }, one.type, one.batch_id ? ` · batch ${one.batch_id}` : ''),
    age, el('span', { className: 'grow' }), el('span', { className: 'head' }, steering)),
  one.model_id ? el('p', { className: 'muted' }, el('code', {}, one.model_id)) : null,
  one.state === 3 ? el('p', { className: 'alarm' }, one.message) : null,
  one.photos.length ? el('div', { className: 'photos' }, one.photos.map(photo)) : null,
  reasons(one.photos));
}

function portrait(one) {
  const at = '/control/portraits/' + one.id + '/';
  const values = Object.entries(one.configure).map(([name, value]) =>
    el('code', {}, `${name} = ${JSON.stringify(value)}`));
  const figure = (part, name) => el('figure', {},
    el('img', { src: at + part, alt: t(name) }), el('figcaption', {}, t(name)));
  return el('article', { className: 'card' }, el('div', { className: 'head' },
    el('b', {}, clock(one.time)),
    el('code', { className: 'muted' }, one.model_ids.join(', '))),
  el('div', { className: 'pair' }, figure('small', 'template'), el('span', {}, '→'),
    figure('jpeg', 'portrait')),
  el('div', { className: 'chips' },
    values.length ? values : el('span', { className: 'muted' }, t('plain'))));
}

function fault(one) {
  const value = Array.isArray(one.value) ? one.value.join(' · ') : one.value;
  const words = [one.action, value, one.url, one.operation,
    one.every > 1 ? `1/${one.every}` : null, one.times === null ? t('always') : `× ${one.times}`];
  return el('div', { className: 'fault' }, el('span', {}, words.filter(word => word !== null
    && word !== undefined).join(' · ')), pill(`${t('happened')} ${one.happened}`,
    one.happened ? 'good' : ''));
}

function differing(found) {
  const line = (name, text) => [t(name) + ' …' + found.before,
    el('mark', {}, text.slice(0, 1) || '⏎'), text.slice(1) + '\n'];
  return el('div', { className: 'differ' }, el('p', { className: 'muted' },
    t('byte', `${found.byte} / ${found.received_bytes}`)),
  el('pre', {}, line('signed', found.signed), line('received', found.received)));
}

function signature(found) {
  return el('div', { className: 'wide' }, el('h3', {}, t('signature')),
    found.problem ? el('p', { className: 'alarm' }, found.problem)
      : el('p', { className: 'muted' }, t('right')),
    found.difference ? differing(found.difference) : null,
    el('dl', { className: 'steps' }, found.steps.map(([name, value]) =>
      [el('dt', {}, name), el('dd', { className: 'mono' }, value)])));
}

function request(one) {
  const panel = (name, value, kind) => el('div', { className: kind || '' }, el('h3', {}, t(name)),
    el('pre', {}, typeof value === 'string' ? value : JSON.stringify(value, null, 2)));
  const checked = (one.answer.data || {}).check_results || [];
  const named = checked.map(found => Object.assign({ name: found.url.split('/').pop() }, found));
  const kind = one.status < 300 ? 'good' : 'bad';
  return el('details', {}, el('summary', {},
    el('span', { className: 'muted wide-only' }, clock(one.time)), el('b', {}, one.method),
    el('code', {}, one.path, one.alike > 1 ? el('b', {}, ` × ${one.alike}`) : null),
    el('span', { className: 'wide-only' }, one.verdict === 'ok' ? '' : pill(one.verdict, 'bad')),
    el('span', { className: 'right wide-only' }, `${one.milliseconds.toFixed(0)} ms`),
    el('span', { className: 'right' }, pill(one.status, kind))),
  el('div', { className: 'inside' },
    one.answer.emulated_reason && !one.signature.problem
      ? el('p', { className: 'alarm wide' }, one.answer.emulated_reason) : null,
    named.length ? el('div', { className: 'wide' }, el('div', { className: 'photos' },
      named.map(photo)), reasons(named)) : null,
    panel('sent', one.body), panel('answer', one.answer),
    one.signature.steps ? signature(one.signature) : null, panel('headers', one.headers, 'wide')));
}

function grouped(requests) { // Looks at a job, one after the other, are one row.
  const groups = [];
  for (const one of requests) {
    const last = groups[groups.length - 1];
    const isAlike = last && ['method', 'path', 'status', 'verdict'].every(
      name => last[1][name] === one[name]);
    if (isAlike && one.operation === 'async_jobs') {
      last[0] = one.time + one.path;
      last[1].alike += 1;
    } else groups.push([one.time + one.path, Object.assign({ alike: 1 }, one)]);
  }
  return groups;
}

function modeWords(mode) {
  const looks = /^after (\d+)/.exec(mode);
  return mode === 'held' ? t('held') : looks ? t('afterLooks', looks[1]) : t('afterSeconds', mode);
}

function fact(name, value) {
  const text = String(value);
  const kind = { className: text.length > 9 ? 'long' : '' };
  return el('div', { className: 'fact' }, el('b', kind, text),
    el('span', { className: 'muted' }, t(name)));
}

function drawAll() {
  const { jobs, quota, training, requests } = state;
  $('host').textContent = `${state.host} · ${state.app_id} · ${state.version}`;
  $('facts').replaceChildren(fact('running', jobs.filter(isRunning).length),
    fact('calls', quota.used + (quota.most === null ? '' : ` / ${quota.most}`)),
    fact('refused', requests.filter(one => one.status >= 300).length),
    fact('time', modeWords(training)));
  $('mode').textContent = modeWords(training);
  $('hold').classList.toggle('on', training === 'held');
  $('release').disabled = training !== 'held';
  draw('jobs', jobs.map(one => [one.id, Object.assign({}, one, { age: 0 })]), job, 'noJobs');
  draw('portraits', state.portraits.map(one => [one.id, one]), portrait, 'noPortraits');
  draw('faults', state.faults.map((one, index) => [index, one]), fault);
  draw('requests', grouped(requests), request, 'noRequests');
  $('clear').hidden = !state.faults.length;
  for (const one of jobs) $('age-' + one.id).dataset.began = Date.now() / 1000 - one.age;
  ages();
}

function ages() {
  for (const node of document.querySelectorAll('.age')) {
    const age = Math.max(0, Date.now() / 1000 - node.dataset.began);
    node.textContent = age < 100 ? `${age.toFixed(0)} s` : age < 6000
      ? `${(age / 60).toFixed(0)} min` : `${(age / 3600).toFixed(0)} h`;
  }
}

let shown = '';
async function look() {
  try {
    const text = await (await fetch('/control/state')).text();
    $('live').classList.add('on');
    $('live').lastElementChild.textContent = t('live');
    if (text === shown) return;
    const isFirst = !state;
    shown = text;
    state = JSON.parse(text);
    if (isFirst) fill();
    drawAll();
  } catch (error) {
    $('live').classList.remove('on');
    $('live').lastElementChild.textContent = t('lost');
  }
}

function fill() {
  const options = values => values.map(value => el('option', { value }, String(value)));
  $('action').append(...options(state.choices.actions));
  $('action').value = 'error';
  $('error').append(...options(state.choices.errors));
  $('error').value = 'quota';
  $('code').append(...options(state.choices.codes));
  $('operation').append(...options(state.choices.operations));
  fields();
}

function fields() { // Shows what the chosen action takes.
  const action = $('action').value;
  for (const [kind, actions] of Object.entries({ error: ['error', 'fail_training'],
    delay: ['delay'], photo: ['photo'], answer: ['answer'] })) {
    for (const node of document.querySelectorAll('.for-' + kind)) {
      node.hidden = !actions.includes(action);
    }
  }
  document.querySelector('.for-call').hidden = ['photo', 'fail_training'].includes(action);
  $('times').value = action === 'photo' ? '' : 1;
}

async function setFault(event) {
  event.preventDefault();
  const action = $('action').value, wanted = { action };
  wanted.times = $('times').value ? Number($('times').value) : null;
  if (action === 'error' || action === 'fail_training') wanted.value = $('error').value;
  if (action === 'delay') wanted.value = Number($('delay').value);
  if (action === 'answer') wanted.value = [Number($('status').value), $('body').value];
  if (action === 'photo') {
    wanted.value = Number($('code').value);
    if ($('url').value) wanted.url = $('url').value;
  } else if (action !== 'fail_training' && $('operation').value) {
    wanted.operation = $('operation').value;
  }
  await send('POST', '/control/faults', wanted);
}

function reset() {
  const button = $('reset');
  if (button.classList.toggle('sure')) {
    button.textContent = t('sure');
    setTimeout(() => { button.classList.remove('sure'); button.textContent = t('reset'); }, 4000);
  } else {
    button.textContent = t('reset');
    send('DELETE', '/control/state');
  }
}

function speak(wanted) {
  lang = wanted;
  document.documentElement.lang = lang === 'zh' ? 'zh-CN' : 'en';
  document.title = t('title');
  for (const [name, part] of [['t', 'textContent'], ['label', 'ariaLabel'],
    ['hint', 'placeholder']]) {
    for (const node of document.querySelectorAll(`[data-${name}]`)) {
      node[part] = t(node.dataset[name]);
    }
  }
  $('lang').textContent = t('other');
  try { localStorage.setItem('lang', lang); } catch (error) { /* Then it is asked anew. */ }
  if (state) drawAll();
}

function begin() {
  let kept = new URLSearchParams(location.search).get('lang');
  try { kept = kept || localStorage.getItem('lang'); } catch (error) { /* As the browser says. */ }
  speak((kept || navigator.language).startsWith('zh') ? 'zh' : 'en');
  $('lang').onclick = () => speak(lang === 'zh' ? 'en' : 'zh');
  $('hold').onclick = () => steer({ action: 'hold' });
  $('release').onclick = () => steer({ action: 'release' });
  $('pace').onsubmit = event => {
    event.preventDefault();
    const number = $('pace-number').value;
    steer({ action: 'mode', value: $('pace-kind').value === 'looks' ? `after ${number} looks`
      : Number(number) });
  };
  $('action').onchange = fields;
  $('fault').onsubmit = setFault;
  $('clear').onclick = () => send('DELETE', '/control/faults');
  $('reset').onclick = reset;
  setInterval(ages, 1000);
  (async function always() {
    if (!document.hidden || !state) await look();
    setTimeout(always, PAUSE);
  }());
}
begin();
