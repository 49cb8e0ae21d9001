"""Training: readers of the annotated corpora, and one trainer per measure. Never imported when scoring."""
