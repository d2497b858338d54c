"""The one folder that loads requests and urllib3: sessions, sockets, exchange, their errors."""
