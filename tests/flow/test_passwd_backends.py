#!/usr/bin/python3
"""hangu passwd where passwords.backend says: a real OpenLDAP, SQLite behind ODBC, a passwd-file."""
import atexit
import json
import os
import sqlite3
import subprocess

from tap import need_root, run

from authd_kit import Authd
from slapd_kit import BASE, READER, Slapd, WRITER, WRITER_PASSWORD

PEOPLE = {"li@unit.example": "Kx7-lampe", "wu@unit.example": "Hg2-teller", "sun@unit.example": "Rt5.kessel"}
NEW = ("Wm4+dose+rad", "Fz8+stuhl+eis", "Bd6+wolke+tor")
authd = slapd = None


def start():
    global authd, slapd
    authd = Authd()
    atexit.register(lambda: authd.__exit__())
    authd.__enter__()
    authd.call("unit", unit="江州市水务局", domain="unit.example", role="approver", person="ju@unit.example")
    for account in PEOPLE:
        authd.call("import", address=account, unit="江州市水务局", owner="张伟", purpose="公务",
                   approver="ju@unit.example", approved="2026-01-05")
    slapd = Slapd(PEOPLE)
    atexit.register(lambda: slapd.__exit__())
    slapd.__enter__()
    secret = authd.directory / "bind.secret"
    secret.write_text(WRITER_PASSWORD + "\n")
    secret.chmod(0o600)


def settings(**values):
    """A settings file of its own with these `passwords`."""
    path = authd.directory / "passwords.yaml"
    lines = "".join(f"  {name}: {json.dumps(value)}\n" for name, value in values.items())
    path.write_text(authd.config.read_text() + "passwords:\n" + lines)
    return path


def ldap(**more):
    return settings(**{"backend": "ldap", "ldap_uri": slapd.ldapi, "ldap_bind": WRITER, "ldap_base": BASE,
                       "ldap_password_file": str(authd.directory / "bind.secret"), **more})


def passwd(config, account, password, *words):
    return subprocess.run([str(authd.build / "hangu"), "passwd", "--config", str(config), "--stdin", *words, account],
                          input=password + "\n", capture_output=True, text=True, timeout=60,
                          env=dict(os.environ, LC_ALL="C.UTF-8", LANGUAGE="en"))


def events(account):
    return [one["event"] for one in authd.records("password", account=account)]


def test_ldap_new_password_binds_and_the_old_one_no_more():
    old, name = PEOPLE["li@unit.example"], "li@unit.example"
    for scheme, new, prefix in (("yescrypt", NEW[0], "{CRYPT}$y$"), ("bcrypt", NEW[1], "{CRYPT}$2b$")):
        assert slapd.lets_in(name, old)
        done = passwd(ldap(scheme=scheme), name, new)
        assert done.returncode == 0, done
        assert slapd.lets_in(name, new) and not slapd.lets_in(name, old), scheme
        assert len(slapd.values(name)) == 1 and slapd.values(name)[0].startswith(prefix), slapd.values(name)
        old = new
    done = passwd(ldap(scheme="argon2id"), name, NEW[2])
    assert done.returncode == 0 and slapd.values(name)[0].startswith("{ARGON2ID}$argon2id$"), done
    assert events(name) == ["changed"] * 3
    assert "used-before" in passwd(ldap(), name, NEW[2], "--json").stdout
    assert slapd.lets_in("wu@unit.example", PEOPLE["wu@unit.example"])


def test_ldap_several_values_become_one():
    name = "wu@unit.example"
    slapd.modify(f"dn: {slapd.dn(name)}\nchangetype: modify\nadd: userPassword\nuserPassword: Zv1-second\n")
    assert "used-before" in passwd(ldap(), name, "Zv1-second", "--json").stdout
    assert passwd(ldap(), name, NEW[0]).returncode == 0
    assert slapd.lets_in(name, NEW[0]) and len(slapd.values(name)) == 1
    assert not slapd.lets_in(name, "Zv1-second") and not slapd.lets_in(name, PEOPLE[name])


def test_ldap_is_encrypted_or_refused():
    name, ca = "sun@unit.example", str(slapd.directory / "ca.pem")
    good = passwd(ldap(ldap_uri=slapd.ldap, ldap_ca=ca), name, NEW[0])
    assert good.returncode == 0 and slapd.lets_in(name, NEW[0]), good
    other = passwd(ldap(ldap_uri=slapd.ldap, ldap_ca=str(slapd.directory / "other.pem")), name, NEW[1])
    assert other.returncode in (69, 74) and "StartTLS" in other.stderr, other
    assert slapd.lets_in(name, NEW[0])
    clear = passwd(ldap(ldap_uri="ldap://ldap.unit.example", ldap_starttls=False), name, NEW[1])
    assert clear.returncode == 78 and "ldap_starttls" in clear.stderr, clear


def test_ldap_trouble_changes_nothing_and_tells_no_secret():
    name = "sun@unit.example"
    before = slapd.values(name)
    wrong = authd.directory / "wrong.secret"
    wrong.write_text("not it\n")
    wrong.chmod(0o600)
    cases = ((dict(ldap_password_file=str(wrong)), name, 77), (dict(ldap_uri="ldapi://%2Fno%2Fsuch"), name, 69),
             (dict(ldap_filter="(uid=*%u*)"), "u", 65), (dict(), "nobody@unit.example", 66),
             (dict(ldap_base="dc=no"), name, 66), (dict(), "*", 66))
    for more, account, status in cases:
        done = passwd(ldap(**more), account, NEW[2], "--tier", "base")
        assert done.returncode == status, (more, account, done)
        assert not any(word in done.stderr + done.stdout for word in (NEW[2], WRITER_PASSWORD, "not it", "$y$")), done
    wrong.chmod(0o604)
    assert passwd(ldap(ldap_password_file=str(wrong)), name, NEW[2]).returncode == 77
    assert slapd.values(name) == before


def test_ldap_commit_that_fails_is_recorded_as_undone():
    name = "sun@unit.example"
    slapd.process.send_signal(19)     # stopped: it takes the connection, but answers nothing
    try:
        done = passwd(ldap(), name, NEW[2])
        assert done.returncode == 69, done
    finally:
        slapd.process.send_signal(18)
    before = events(name)
    values = slapd.values(name)
    done = passwd(ldap(ldap_bind=READER), name, NEW[2])      # may read what is stored, but write nothing
    assert done.returncode == 77 and "modify" in done.stderr, done
    assert events(name) == before + ["changed", "undone"]
    assert slapd.values(name) == values


def test_sql_new_password_is_stored_in_one_row():
    path = authd.directory / "users.db"
    with sqlite3.connect(path) as link:
        link.execute("CREATE TABLE users (address TEXT PRIMARY KEY, password TEXT)")
        link.executemany("INSERT INTO users VALUES (?, '{PLAIN}' || ?)", PEOPLE.items())
    config = settings(backend="sql", sql_connection=f"Driver=SQLite3;Database={path}", scheme="bcrypt",
                      sql_select="SELECT password FROM users WHERE address = ?",
                      sql_update="UPDATE users SET password = ? WHERE address = ?")
    name = "wu@unit.example"
    assert "used-before" in passwd(config, name, PEOPLE[name], "--json").stdout
    done = passwd(config, name, NEW[1])
    assert done.returncode == 0, done
    with sqlite3.connect(path) as link:
        rows = dict(link.execute("SELECT address, password FROM users"))
    assert rows[name].startswith("{BLF-CRYPT}$2b$")
    assert all(rows[other] == "{PLAIN}" + PEOPLE[other] for other in PEOPLE if other != name), rows
    assert "used-before" in passwd(config, name, NEW[1], "--json").stdout
    assert passwd(config, "nobody@unit.example", NEW[1], "--tier", "base").returncode == 66


def test_place_of_the_settings_is_taken_and_needed():
    path = authd.directory / "users"
    path.write_text("li@unit.example:{PLAIN}Kx7-lampe\n")
    assert passwd(settings(backend="passwd-file", file=str(path)), "li@unit.example", NEW[1]).returncode == 0
    assert path.read_text().startswith("li@unit.example:{CRYPT}$y$")
    done = passwd(authd.config, "li@unit.example", NEW[1])
    assert done.returncode == 78 and "passwords.backend" in done.stderr, done


if __name__ == "__main__":
    need_root()
    start()
    run(globals())
