"""Real PDF: written by LibreOffice from flat OpenDocument, and packed, locked and updated by qpdf. Rows as in
write_documents.py: file, place, text; and who made each file."""
import os
import shutil
import subprocess

import office_samples

MARK = office_samples.MARK
# printed as part of the page, or not printed at all
ON_PAGE = {"box": "body", "shape": "body", "footnote": "body", "endnote": "body", "cell": "body", "link": "body", "last": "body", "": "body",
           "header": "page-header", "footer": "page-footer", "title": "property", "subject": "property", "keywords": "property",
           "comment": "annotation"}
ROOM = ('<style:header-style><style:header-footer-properties fo:margin-bottom="0.6cm" fo:min-height="1.2cm"/></style:header-style>'
        '<style:footer-style><style:header-footer-properties fo:margin-top="0.6cm" fo:min-height="1.2cm"/></style:footer-style>')
OPTIONS = ('pdf:writer_pdf_Export:{"ExportNotes":{"type":"boolean","value":"true"}}')
VARIANTS = {
    "linear.pdf": ("--linearize",),
    "packed.pdf": ("--object-streams=generate", "--recompress-flate"),
    "plain.pdf": ("--qdf", "--object-streams=disable"),
    "owner.pdf": ("--encrypt", "", "invented", "256", "--print=none", "--"),
    "user.pdf": ("--encrypt", "invented", "other", "256", "--"),
    "attached.pdf": ("--add-attachment", "flat.fodt", "--filename=附件.fodt", "--"),
}


def run(*command, directory):
    subprocess.run(command, cwd=directory, capture_output=True, check=False, timeout=120, env={**os.environ, "HOME": str(directory)})


def convert(directory):
    """Rows, and the maker of each file. Nothing without LibreOffice."""
    office, qpdf = shutil.which("soffice"), shutil.which("qpdf")
    wanted, makers = [], {}
    if not office:
        return wanted, makers

    def mark(tag, place="body"):
        if tag in ON_PAGE:
            wanted.append((ON_PAGE[tag], MARK + tag))
        return MARK + tag
    flat = office_samples.text_document(mark)
    flat = flat.replace("<style:header-style/><style:footer-style/>", ROOM)
    (directory / "flat.fodt").write_text(flat, "utf-8")
    run(office, "--headless", "--convert-to", OPTIONS, "--outdir", directory, directory / "flat.fodt", directory=directory)
    (directory / "flat.pdf").rename(directory / "office.pdf")
    rows = [("office.pdf", *row) for row in wanted] + [("office.pdf", "cover", "complete none")]
    makers["office.pdf"] = "LibreOffice"
    for name, options in VARIANTS.items() if qpdf else ():
        run(qpdf, "--allow-weak-crypto", "office.pdf", *options, name, directory=directory)
        makers[name] = "LibreOffice, qpdf"
        if name == "user.pdf":
            rows.append((name, "cover", "unreadable encrypted"))
            continue
        rows += [(name, *row) for row in wanted] + [(name, "cover", "complete none")]
        if name == "attached.pdf":
            rows.append((name, "name", "附件.fodt"))
    return rows, makers
