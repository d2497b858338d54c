"""A local emulator of the service: no account and no network needed.

It finds and compares real faces and composes real pictures, but it is not a diffusion model: each
picture that it makes is marked as emulated. It needs the extra ``emulator``.
"""
from .emulator import DEMO_APP_ID, DEMO_TOKEN, Emulator

__all__ = ['DEMO_APP_ID', 'DEMO_TOKEN', 'Emulator']
