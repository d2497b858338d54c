"""The package as a program."""


def test_running_the_package_is_importing_it_until_it_is_the_program():
    from ai_service_python_sdk import __main__ as program
    assert program.main
