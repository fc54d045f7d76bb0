"""What a run says of itself: the account, the gates, the summary, and a look at single records."""
