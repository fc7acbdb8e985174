"""National numbers apart from content: pseudonyms, who has looked at whom, and the keys and their exchange."""
