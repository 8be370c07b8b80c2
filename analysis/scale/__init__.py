"""Work on many machines, through Ray Data. Needs the extra ``ray``, which is imported only in here."""
