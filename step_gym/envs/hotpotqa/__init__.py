"""HotpotQA: questions whose answer takes two or more pages of an encyclopaedia."""
