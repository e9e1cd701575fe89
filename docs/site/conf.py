"""How Sphinx reads the repository's Markdown: as GitHub does, so that one text serves both."""

project = "kerasseq"
html_title = "kerasseq"
html_theme = "furo"
html_copy_source = False
html_show_sphinx = False
extensions = ["myst_nb"]  # CommonMark; a notebook is a page too
root_doc = "index"
exclude_patterns = ["runs"]  # of the model that the build trains
nb_execution_mode = "off"  # tests/docs executes it
myst_heading_anchors = 4
nitpicky = True
