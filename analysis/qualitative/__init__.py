"""The strand in words: themes, facilitators, action plans, value creation."""
