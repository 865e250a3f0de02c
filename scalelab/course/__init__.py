"""What notebooks import: predictions, checks, quizzes, explorers, progress and the ledger."""
