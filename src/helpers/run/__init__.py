"""Parameters of a study, execution of the notebooks, command line."""
