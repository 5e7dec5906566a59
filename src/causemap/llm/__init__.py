"""Language models behind one client: ladder, budget, records; and the slots that code fills."""
