"""Two persons in one template, and what to do about what can go wrong."""
import os

from ai_service_python_sdk import (
    ApiClient, ApiException, FaceCountError, ImageCheckError, PortraitConfigure, PortraitStudio,
    QuotaExceededError)

folder = os.environ['AI_SERVICE_HOST'] + '/files/'
people = [[folder + '{}_{}.jpg'.format(name, i) for i in range(5)]
          for name in ('hopper', 'collins')]
configure = PortraitConfigure(lora_weights=0.9, sharp_ratio=0.2)

with ApiClient.from_env() as client:
    try:
        portrait = PortraitStudio(client).portrait(people, folder + 'template_two.jpg', configure)
        portrait.save('portrait.jpg')
    except ImageCheckError as error:
        for failure in error.failures:
            print(failure.url, failure.message)
    except FaceCountError:
        print('the template needs one face for each person')
    except QuotaExceededError:
        print('buy a resource plan: trying again does not help')
    except ApiException as error:
        print(error)                # status, code, meaning, what to do, request id
        if error.is_in_doubt:
            print('it may have arrived, and may be paid: look before you send it again')
