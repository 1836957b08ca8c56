#pragma once

#include <string>
#include <vector>

namespace headgate::config::mosquitto::tests {

// Files as users have them, each on its own; the mutations start from these.
inline const std::vector<std::string> examples = {
    // Nothing at all: this machine only.
    "",
    // What Debian installs.
    "# Place your local configuration in conf.d\n\npid_file /run/mosquitto/mosquitto.pid\n\npersistence true\n"
    "persistence_location /var/lib/mosquitto/\n\nlog_dest file /var/log/mosquitto/mosquitto.log\n",
    // The two lines that everybody finds first.
    "listener 1883\nallow_anonymous true\n",
    // Users, as the documentation recommends.
    "listener 1883\nallow_anonymous false\npassword_file /etc/mosquitto/passwd\n",
    // Three listeners, users and a bridge.
    "per_listener_settings true\nlistener 1883 127.0.0.1\nallow_anonymous true\n\nlistener 8883\ncafile /etc/ca.crt\n"
    "certfile /etc/server.crt\nkeyfile /etc/server.key\npassword_file /etc/mosquitto/passwd\nacl_file /etc/acl\n\n"
    "listener 9001\nprotocol websockets\npassword_file /etc/mosquitto/passwd\n\nconnection cloud\n"
    "address cloud.example.org:8883\nbridge_cafile /etc/ssl/ca.pem\nremote_username plant\nremote_password hunter2\n"
    "topic sensors/# out 1 plant/ site7/\ntopic commands/# in 1\ntopic both/# both 2\n",
    // TLS with client certificates.
    "listener 8883 0.0.0.0\ncafile ca.crt\ncertfile server.crt\nkeyfile server.key\nrequire_certificate true\n"
    "use_identity_as_username true\ntls_version tlsv1.2\nciphers ECDHE-RSA-AES256-GCM-SHA384\nallow_anonymous true\n",
    // Home automation: MQTT and browsers, open.
    "allow_anonymous true\nlistener 1883\nlistener 9001\nprotocol websockets\nhttp_dir /usr/share/web\n",
    // A unix socket beside a port.
    "listener 0 /run/mosquitto/mosquitto.sock\nlistener 1883 localhost\nallow_anonymous true\n",
    // The old way: the default listener.
    "port 1884\nbind_address 192.168.7.1\nmax_connections 200\nallow_anonymous true\n",
    // Limits and behaviour.
    "listener 1883 127.0.0.1\nallow_anonymous true\nmax_connections 500\nmax_inflight_messages 0\n"
    "max_queued_messages 10000\nmax_queued_bytes 0\nmessage_size_limit 65536\nmax_packet_size 100000\n"
    "max_keepalive 600\nretain_available false\nqueue_qos0_messages true\nupgrade_outgoing_qos true\n"
    "persistent_client_expiration 14d\nsys_interval 60\nset_tcp_nodelay true\nmemory_limit 100000000\n",
    // Logging.
    "log_dest stderr\nlog_dest topic\nlog_dest syslog\nlog_facility 5\nlog_type error\nlog_type warning\n"
    "log_timestamp true\nlog_timestamp_format %Y-%m-%dT%H:%M:%S\nconnection_messages true\n",
    // Plugins.
    "listener 1883\nallow_anonymous true\nplugin /usr/lib/mosquitto_dynamic_security.so\n"
    "plugin_opt_config_file /var/lib/dynsec.json\nauth_plugin /usr/lib/auth.so\nauth_opt_pg_password secret\n"
    "auth_plugin_deny_special_chars true\n",
    // Groups of clients apart from each other.
    "allow_anonymous true\nlistener 1883\nmount_point one/\nlistener 1884\nbind_interface eth0\nlistener 1885\n"
    "use_username_as_clientid true\nlistener 1886\nsocket_domain ipv4\nlistener 1887 ::1\nlistener 1888 broker.lan\n",
    // Written on Windows, with tabs and comments where mosquitto would not like them.
    "\r\n# comment\r\n  listener\t1883   127.0.0.1 # mine\r\n\tallow_anonymous   true\r\n  # end\r\n",
    // Users for everybody on this machine, and nobody else.
    "password_file /etc/mosquitto/passwd\nallow_anonymous false\nacl_file /etc/mosquitto/acl\n",
    // Different users and rights for each listener.
    "per_listener_settings true\nlistener 1883\npassword_file one\nacl_file one.acl\nlistener 1884\n"
    "password_file two\nlistener 1885\nallow_anonymous true\nacl_file two.acl\nlistener 1886\nallow_anonymous true\n",
    // Certificates and passwords, revocation, an old version, directories.
    "password_file users\nlistener 8883\ncafile ca.crt\ncapath /etc/ssl/certs\ncertfile \"server\\one\".crt\n"
    "keyfile # server: key\nrequire_certificate true\ncrlfile ca.crl\ntls_version tlsv1.1\nciphers_tls1.3 X\n"
    "listener 8884\ncertfile c\nkeyfile k\ntls_version tlsv1.3\nciphers Y\ndhparamfile dh.pem\ncafile ca.crt\n"
    "crlfile ca.crl\nlistener 8885\npsk_hint h\nuse_identity_as_username true\n",
};

}  // namespace headgate::config::mosquitto::tests
