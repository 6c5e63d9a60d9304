"""Cases in the form of public suites, all of our own writing; docs/suites.md says what they cover and leave out."""
