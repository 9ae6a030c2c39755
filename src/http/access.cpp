// SPDX-License-Identifier: Apache-2.0
#include "http/access.hpp"

#include <glib.h>

#include <algorithm>
#include <array>
#include <memory>

#include "door/address.hpp"
#include "http/replies.hpp"
#include "text/ascii.hpp"
#include "text/list.hpp"

namespace infinara::http {
namespace {

std::string base64_decoded(std::string_view text) {
  gsize size = 0;
  const std::unique_ptr<guchar, decltype(&g_free)> bytes(
      g_base64_decode(std::string(text).c_str(), &size), g_free);
  return {reinterpret_cast<const char*>(bytes.get()), size};
}

/// The host without its port, and without brackets.
std::string_view name_in(std::string_view host) {
  if (host.starts_with('[')) return host.substr(1, std::min(host.find(']'), host.size()) - 1);
  return host.substr(0, host.find(':'));
}

bool is_json(std::string_view content_type) {
  return text::equal_ignoring_case(text::trimmed(content_type.substr(0, content_type.find(';'))),
                                   "application/json");
}

}  // namespace

bool is_same_secret(std::string_view given, std::string_view secret) {
  volatile unsigned char differs = given.size() == secret.size() ? 0 : 1;
  for (std::size_t i = 0; i < given.size() && !secret.empty(); ++i)
    differs = static_cast<unsigned char>(differs | (given[i] ^ secret[i % secret.size()]));
  return differs == 0;
}

Rights rights_of(std::string_view authorization, const Secrets& secrets) {
  const auto space = authorization.find(' ');
  const auto scheme = authorization.substr(0, space);
  const auto rest =
      space == authorization.npos ? std::string_view() : text::trimmed(authorization.substr(space));
  std::string password, token;
  if (text::equal_ignoring_case(scheme, "bearer")) password = token = rest;
  if (text::equal_ignoring_case(scheme, "basic")) {
    password = base64_decoded(rest);
    password.erase(0, std::min(password.find(':'), password.size() - 1) + 1);
  }
  Rights rights;
  rights.has_token = !secrets.control_token.empty() && is_same_secret(token, secrets.control_token);
  rights.listen = secrets.listen_password.empty() || rights.has_token ||
                  is_same_secret(password, secrets.listen_password);
  rights.control = secrets.control_token.empty() ? rights.listen : rights.has_token;
  return rights;
}

bool is_known_host(std::string_view host, std::string_view public_host) {
  std::string name = text::lowered(name_in(host));
  if (name.ends_with('.')) name.pop_back();
  if (name.find('.') == name.npos) return true;  // localhost, one label, an IPv6 address
  if (door::Address::read(name)) return true;
  if (!public_host.empty() && text::equal_ignoring_case(name, name_in(public_host))) return true;
  return std::ranges::any_of(
      std::array<std::string_view, 5>{".local", ".lan", ".home.arpa", ".internal", ".localhost"},
      [&](std::string_view end) { return name.ends_with(end); });
}

std::optional<Refused> refusal_of_change(const Request& request) {
  if (request.rights.has_token) return {};
  if (!is_known_host(request.host, request.public_host))
    return Refused{403,
                   "this name may be another site's; RADIO_PUBLIC_URL says by which name the "
                   "station is found"};
  if (is_cross_site(request))
    return Refused{403, "a page of another site may not do this; a proxy must pass Host on"};
  const bool is_browser = !request.origin.empty() || !request.fetch_site.empty();
  if (is_browser && !is_json(request.content_type))
    return Refused{415, "a page must send it as application/json"};
  return {};
}

Reply unauthorized(const std::string& why, bool for_people) {
  Reply reply = reply_of(Refused{401, why});
  reply.headers.emplace_back("WWW-Authenticate", for_people
                                                     ? R"(Basic realm="Infinara", charset="UTF-8")"
                                                     : R"(Bearer realm="Infinara")");
  return reply;
}

}  // namespace infinara::http
