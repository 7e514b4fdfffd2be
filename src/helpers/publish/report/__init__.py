"""The report of a finished study: web pages, a Word document and a PDF of the same content.

``outputs`` reads what a run left in the study's folder, ``content`` turns executed notebooks into
blocks of text, code, figures and tables, ``markup`` makes harmless HTML of what came out of them.
``web`` has Sphinx build pages from the blocks, ``office`` has pandoc and typst make the documents.
"""
