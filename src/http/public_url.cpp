// SPDX-License-Identifier: Apache-2.0
#include "http/public_url.hpp"

#include "text/ascii.hpp"

namespace infinara::http {

namespace {

/// `host` with `port` in place of its own, if `port` is not 0, and without its scheme's own.
std::string with_port(std::string_view host, int port, std::string_view scheme) {
  const auto bracket = host.rfind(']');
  const auto colon = host.find(':', bracket == host.npos ? 0 : bracket);
  std::string said = port != 0            ? std::to_string(port)
                     : colon == host.npos ? ""
                                          : std::string(host.substr(colon + 1));
  std::string name(host.substr(0, colon));
  if (said.empty() || said == (scheme == "https" ? "443" : "80")) return name;
  return name + ":" + said;
}

}  // namespace

std::optional<PublicUrl> read_public_url(std::string_view text) {
  PublicUrl url;
  for (const char* scheme : {"http", "https"}) {
    const auto mark = text.find("://");
    if (mark != text.npos && text::equal_ignoring_case(text.substr(0, mark), scheme))
      url.scheme = scheme;
  }
  if (url.scheme.empty()) return {};
  text.remove_prefix(url.scheme.size() + 3);
  const std::string_view host = text.substr(0, text.find('/'));
  if (!door::is_host(host)) return {};
  url.host = with_port(host, 0, url.scheme);
  std::string_view path = text.substr(host.size());
  if (path.ends_with('/')) path.remove_suffix(1);
  if (!path.empty() && !door::is_prefix(path)) return {};
  url.path = path;
  return url;
}

PublicUrl public_url_of(const door::Request& request, const door::Forwarded& forwarded) {
  PublicUrl url;
  url.scheme = forwarded.proto.empty() ? "http" : forwarded.proto;
  url.host =
      with_port(forwarded.host.empty() ? request.host : forwarded.host, forwarded.port, url.scheme);
  url.path = forwarded.prefix;
  return url;
}

std::optional<std::string> without_prefix(std::string_view path, std::string_view prefix) {
  if (prefix.empty() || !path.starts_with(prefix)) return {};
  path.remove_prefix(prefix.size());
  if (!path.starts_with('/')) return {};
  return std::string(path);
}

}  // namespace infinara::http
