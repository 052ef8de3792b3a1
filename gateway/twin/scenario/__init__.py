"""The jobs of the scenario and how they are linked."""
