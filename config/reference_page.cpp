#include "config/environment.hpp"
#include "config/load.hpp"
#include "config/pages.hpp"
#include "config/table.hpp"

namespace headgate::config {

namespace {

constexpr const char* introduction = R"(# Configuration

*Written by `headgate config reference`; a test compares the two. Change the table in `config/keys_*.cpp` instead.*

Every key has a default value, so that `headgate serve` needs no configuration. Values come from four places; each wins
over those before it:

1. the defaults;
2. a file: the one that `--config FILE` (`-c`) names; without it the one that `HEADGATE_CONFIG` names; without that
   `/etc/headgate/headgate.yaml`, if it is there; if its directory cannot be entered, that is an error. An empty name
   (`--config ""`, `HEADGATE_CONFIG=`) means no file;
3. the environment;
4. `--set KEY=VALUE` on the command line, as often as needed.

| command | what it does |
|---|---|
| `headgate config show` | every key with its value in force, where that comes from, and what it means; `--changed`: only what something has set |
| `headgate config check` | says that the configuration is good, or all that is wrong with it |
| `headgate config init` | prints a file with all keys and comments: `headgate config init > headgate.yaml` |
| `headgate config reference` | prints this page |

All four places are checked in the same way. What is wrong is told in a sentence that names the file with the line, the
variable or `--set`, the key, and what it takes; an unknown key is told the nearest one there is. At most 20 sentences
are printed, and the exit status is 2.

## The file

YAML in UTF-8, at most 1 MiB, with the words of a path below each other:

```yaml
workers: 2
listeners:
  tcp:
    port: 1884
  lan:
    bind: 192.0.2.7
    port: 1883
    anonymous: allow
limits:
  max_packet_bytes: 256KiB
```

What a command writes can be given as `/dev/stdin`, or with a shell's `<(command)`; at a reload nothing more comes from
there, and the settings stay. Other pipes are refused, since nobody may ever write to them.

A section without keys, and an empty file, set nothing. Refused are keys that are there twice, values of several lines,
lists, anchors and aliases (and with them merge keys), tags, directives, more than one document, and more than 100
opening brackets.

## Names

Listeners and clusters have names of your own: 1 to 32 letters, digits, `-` and `_`, at most 64 of each. Without any key
there is one listener, `tcp`, and one cluster, `main`. The first key that names one takes their place; each further name
adds one with the default values. A name alone (`listeners: { lan: }`) is enough.

## Sizes and times

Sizes are numbers of bytes, or with `KiB`, `MiB`, `GiB` or `TiB` behind them: powers of 1,024, and no space between.
Times are whole numbers of seconds, of the keys that end in `_s`.

## The environment

A variable is `HEADGATE_` and the path in capital letters, with `_` for each dot and `-`: `listeners.tcp.port` is
`HEADGATE_LISTENERS_TCP_PORT`. If the file has a listener or cluster that is written so, but for capital letters and
`-`, it is that one; otherwise the name is taken in small letters.

A variable that goes on with the name of a section or of a key at the top (`HEADGATE_LIMITS_…`, `HEADGATE_WORKERS`), or
with one that differs in at most one letter of four, has to be a key. All other variables are left alone, so that those
that Kubernetes sets for a service called headgate (`HEADGATE_PORT`, `HEADGATE_SERVICE_HOST`) are in nobody's way; so is
`HEADGATE_ADMIN`, the server that `headgate client`, `topic` and `stats` ask. Those for a service called headgate-admin
(`HEADGATE_ADMIN_PORT`, `HEADGATE_ADMIN_SERVICE_HOST`) have the names of keys and are refused: give the pods
`enableServiceLinks: false`, or the service another name.

## Reloading

SIGHUP reads the file again; the environment and `--set` stay what they were at the start. Keys with *at reload* in the
tables count from then on, also for clients that are connected; the others wait for a restart, and the log names each
of them. If something is wrong with the new configuration, the old one stays in force as a whole, and the log says why.
The keys of a listener go together: if one that changes waits for a restart, so do the others of that listener.

The files that `auth.password_file`, `auth.acl_file`, `admin.token_file` and the keys for certificates name are read
again as well, whether or not their names have changed.

A limit that MQTT 5 clients are told at CONNECT (`limits.max_packet_bytes`, `limits.max_inflight_in`) is better raised
than lowered in this way: those that are connected go by what they were told, and may be closed for it.

## What is kept on disk

Nothing, unless `data_dir` names a directory. With it messages above QoS 0 and sessions outlive the process:

| below `data_dir` | what |
|---|---|
| `lock` | the process that has the directory; a second one is refused |
| `log/CLUSTER/N` | the log of shard N of that cluster, counted from 0, in files of `log.segment_bytes` |
| `sessions` | sessions with their subscriptions, wills, and what they have been sent |

Retained messages are in memory for now, and end with the process.

`log.commit` is what an acknowledgement to a publisher promises: `os`, that the message outlives this process, also
when it is killed; `disk`, that it outlives the machine, at the price of a sync of the device before each
acknowledgement, one for all that wait; `memory`, nothing beyond this process. With `disk` sessions are synced as well.

A message stays until retention takes it, whether or not everybody has read it: after `log.retention_age_s`, when the
log of its shard is over `log.retention_bytes`, or when the disk is fuller than `log.retention_disk_percent`, whichever
comes first. Who was away for longer misses what is gone, and the log says so. Whole segments go, so that up to
`log.segment_bytes` more is kept.

When the disk is full, publishers above QoS 0 are refused until there is room; reading goes on. The start says what is
kept, where and for how long. A log belongs to a shard by the name of its cluster and its number there: the number of
shards of a cluster, and its name, are for life.

`headgate log list`, `dump` and `verify` look into `data_dir`, also while a server runs: which segments there are, the records
as JSON lines (log, offset, time, kind, topic, QoS, RETAIN, when it expires, properties, payload: as text, or in `…_base64`
where it is no UTF-8), and whether every checksum is right. They open files to read and change nothing.

## Safe defaults

Without users, listeners serve this machine only. One whose address can be reached from other machines is refused
unless there are users (`auth.password_file`), it requires certificates of clients, or it says `anonymous: allow`. The
admin listener takes addresses of loopback only, unless it has a token. Two listeners with the same port and address
are refused, both named; so are keys for TLS on a listener without it.

## Users and TLS

`headgate passwd add ana --file users` writes a file of users, and asks for the password. A listener with TLS for them
(`headgate cert dev` makes certificates for trying it out, in `certs/`):

```yaml
listeners:
  tls:
    bind: 0.0.0.0
    port: 8883
    transport: tls
    certificate: server.pem
    key: server.key
auth:
  password_file: users
  acl_file: acl
```

The port is 1883 if it is not said, whatever the transport. Names of files that do not begin with `/` start at the
directory in which the server was started; under systemd that is `/`.

| `anonymous` | who has no user name |
|---|---|
| `auto` | comes in from this machine as long as there are no users, or with a certificate where one is required; with users: is refused |
| `allow` | comes in; who gives a user name needs its password where there are users |
| `refuse` | is refused |

With `client_certificate: required` and `user_name: common_name` a client's certificate is all it needs: its user name
is the certificate's, which the ACL file knows, and no password is looked at. With `user_name: connect` it needs a
certificate, and what it would need without one.

`crl` names a file of revocation lists, which is read again at SIGHUP. A revoked certificate, there and in a reload,
counts from the next connection on: who is connected stays until `headgate client kick ID` (or its own end) disconnects
it; then it does not come in again. `headgate client list` shows the ids. Users are different: whose password was
changed or taken away is disconnected at the reload.

Certificates that have expired, or end within 14 days, are told in the log at the start, at a reload and once a day,
and to Prometheus; they are in nobody's way at a start or reload. The log does the same for those of `client_ca` and for
lists that are to be renewed. What is made for less than four weeks is told in the second half of its time.

Several certificates on a listener stand for different names, or beside each other for one name with different kinds of
keys. What counts are the DNS names of the alternative ones; without any, the common name. So an RSA certificate and an
ECDSA one of the same server that have IP addresses only, and different common names, are taken for two servers: give
them the same common name, or none, or a DNS name in common.

### Old devices

Those with TLS 1.2 need nothing but a certificate that they can verify: `certificate: ec.pem,rsa.pem` and
`key: ec.key,rsa.key` show RSA to who knows no ECDSA. Those with little memory ask for short records (maximum fragment
length), which they get. Some of them, such as Mbed TLS 2.28, cannot put a handshake message together that came in
several records, so that the chain has to fit into one:

| maximum fragment length | a chain that fits |
|---|---|
| 512 | ECDSA P-256, signed by the root that the device knows, without an intermediate authority |
| 1,024 | the same, or RSA with 2,048 bits without an intermediate one |
| 2,048, 4,096, or none asked for | either, with an intermediate authority |

A chain that is too long shows as a failed handshake in the log. Names in a certificate take room as well: the short
chains were tried with one DNS name. After the first handshake such devices do best to keep the session and take it up again.

## The admin token

`admin.token_file` names a file whose first line is a token of at least 16 visible ASCII characters (blanks around it
do not count): `(umask 077; openssl rand -hex 24 > admin.token)`. With it every request to the admin listener, also one
from this machine, needs the header `Authorization: Bearer TOKEN` or is answered with 401; only `/healthz` and `/readyz`
need none. SIGHUP reads the file again, and the old token counts no more. `headgate stats`, `client` and `topic` take
`--token-file FILE`, or `HEADGATE_ADMIN_TOKEN_FILE` from the environment.

On loopback without a token, requests have to name the listener by its address or as localhost in their `Host` header,
so that no page in an operator's browser can ask. With a token any name will do: a browser does not send the token by
itself. There is no TLS on the admin listener: what goes to other machines belongs into a network that nobody else
reads, or behind a proxy with TLS.
)";

std::string code(const std::string& text) {
  return text.empty() ? "empty" : "`" + text + "`";
}

void add_section(std::string& page, const section& section) {
  const settings defaults;
  const auto item = section.items ? section.items->example : "";
  page += "\n### " + (section.name.empty() ? "At the top" : code(section.name)) + "\n\n" + section.help + "\n\n";
  page += "| key | default | takes | what it means | a change counts |\n|---|---|---|---|---|\n";
  for (const auto& key : section.keys) {
    page += "| " + code(path_of(section, section.items ? "NAME" : "", key.name)) + " | " +
            code(key.show(defaults, item)) + " | " + key.accepts + " | " + key.help + " | " +
            (key.changes == changes::at_reload ? "at reload" : "at restart") + " |\n";
  }
}

}  // namespace

std::string reference_page() {
  std::string page = introduction;
  page += "\n## Keys\n";
  for (const auto& section : table()) add_section(page, section);
  return page;
}

}  // namespace headgate::config
