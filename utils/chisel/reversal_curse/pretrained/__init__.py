"""A real pretrained language model, offline: where it comes from, how it is asked, and what fine-tuning does to it.

Reading order: errors, resources, sources, conversion, loading, asking, known, invented, finetuning. Needs the extra
`lm`, which is imported inside functions only.
"""
