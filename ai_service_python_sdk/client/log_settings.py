"""The settings of the log, as the old SDK has them on its configuration.

``logging`` is loaded when somebody asks: it would be half of importing the client.
"""
TYPE_CHECKING = bool()
if TYPE_CHECKING:
    import logging
    from typing import Dict, Optional

DEFAULT_LOGGER_FORMAT = '%(asctime)s %(levelname)s %(message)s'


class LogSettings(object):
    """What a configuration logs, where to, and how it looks."""

    #: The handler that :attr:`debug` has added, None while there is another that prints.
    logger_stream_handler = None  # type: Optional[logging.Handler]
    #: The handler of :attr:`logger_file`.
    logger_file_handler = None  # type: Optional[logging.Handler]
    _logger = None  # type: Optional[Dict[str, logging.Logger]]
    #: What :attr:`debug` is at the moment.
    is_in_debug = False  # type: bool
    _logger_file = None  # type: Optional[str]
    #: The format of :attr:`logger_formatter`, unless another formatter was put there.
    logger_format = DEFAULT_LOGGER_FORMAT
    _logger_formatter = None  # type: Optional[logging.Formatter]

    @property
    def logger(self) -> "Dict[str, logging.Logger]":
        """The loggers that the old SDK wrote to, by its names for them."""
        if self._logger is None:
            import logging
            self._logger = {'package_logger': logging.getLogger('client'),
                            'urllib3_logger': logging.getLogger('urllib3')}
        return self._logger

    @logger.setter
    def logger(self, value: "Dict[str, logging.Logger]") -> None:
        self._logger = value

    @property
    def debug(self) -> bool:
        """Whether each request is logged, redacted; printed where no logging is set up."""
        return self.is_in_debug

    @debug.setter
    def debug(self, value: bool) -> None:
        import logging
        from .log import is_heard, log
        if value and not is_heard():
            self.logger_stream_handler = handler = logging.StreamHandler()
            handler.setFormatter(self.logger_formatter)
            log.addHandler(handler)
        elif self.logger_stream_handler and not value:
            log.removeHandler(self.logger_stream_handler)
            self.logger_stream_handler = None
        self.is_in_debug = bool(value)

    @property
    def logger_file(self) -> "Optional[str]":
        """Path of a file that gets the log of the SDK and of urllib3; None for no file."""
        return self._logger_file

    @logger_file.setter
    def logger_file(self, path: "Optional[str]") -> None:
        import logging
        from .log import log
        old, handler = self.logger_file_handler, logging.FileHandler(path) if path else None
        for logger in list(self.logger.values()) + [log]:
            if old:
                logger.removeHandler(old)
            if handler:
                logger.addHandler(handler)
        if old:
            old.close()
        if handler:
            handler.setFormatter(self.logger_formatter)
        self.logger_file_handler, self._logger_file = handler, path

    @property
    def logger_formatter(self) -> "logging.Formatter":
        """The formatter of the handlers that this configuration adds."""
        import logging
        return self._logger_formatter or logging.Formatter(self.logger_format)

    @logger_formatter.setter
    def logger_formatter(self, value: "logging.Formatter") -> None:
        self._logger_formatter = value
