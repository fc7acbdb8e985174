"""Rules on the person and on what is known of them: identity, death, circumstances, assessments, diagnoses."""
