"""How each kind of fake and simulator is put on a stage, seen through its public verbs alone."""
