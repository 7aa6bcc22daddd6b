"""Tests of the image `web`: nginx that serves as any user, from what is mounted."""

from tests.images.conftest import RunIn

CONFIGURATION = """
pid /tmp/nginx.pid; error_log stderr;
events {}
http {
  access_log off;
  client_body_temp_path /tmp/body; proxy_temp_path /tmp/proxy; fastcgi_temp_path /tmp/f;
  uwsgi_temp_path /tmp/u; scgi_temp_path /tmp/s;
  server { listen 8080; location / { return 200 "it serves"; } }
}
"""


def test_it_serves_as_any_user(run_in: RunIn, image: str) -> None:
    script = (
        f"cat > /tmp/nginx.conf <<'END'\n{CONFIGURATION}\nEND\n"
        "nginx -e stderr -c /tmp/nginx.conf\n"
        "python3 -V 2>/dev/null; exec 3<>/dev/tcp/127.0.0.1/8080\n"
        "printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3; cat <&3"
    )
    done = run_in(image, script, user="54321:54321")
    assert "it serves" in done.out, done


def test_it_knows_what_the_gate_before_sessions_needs(run_in: RunIn, image: str) -> None:
    """The pass of a session is checked by secure_link, and requests are counted and limited."""
    done = run_in(image, "nginx -e stderr -V 2>&1")
    assert "--with-http_secure_link_module" in done.out or "secure_link" in done.out, done
    assert "--without-http_limit_req_module" not in done.out, done


def test_no_site_of_debian_is_served(run_in: RunIn, image: str) -> None:
    done = run_in(image, "ls -A /etc/nginx/sites-enabled")
    assert done.out.strip() == "", done
