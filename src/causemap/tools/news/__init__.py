"""Reading dated notes and headlines: kinds of events, causes named, independent stories."""
