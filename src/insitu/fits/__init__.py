"""A fit as a person has it: laws compared, the device file, figures and a page; retention, endurance and noise as well."""
