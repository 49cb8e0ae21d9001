"""From the web to a corpus: feeds, sitemaps, pages, saved folders, mailboxes and archives."""
