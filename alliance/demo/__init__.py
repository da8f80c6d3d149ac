"""A made-up Zengcheng: its areas, its people, what happened there, and rosters that never run out."""
