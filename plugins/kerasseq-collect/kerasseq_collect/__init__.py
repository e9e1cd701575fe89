"""Pages of sites as a table of texts: fetched politely by Scrapy, their texts found by trafilatura."""
