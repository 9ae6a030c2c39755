// SPDX-License-Identifier: Apache-2.0
// The kinds of settings. Each is a member of a part of Config with the values it may take: range()
// describes them, initial() is the default as text, read() sets the member from a text or returns
// false.
#pragma once

#include <arpa/inet.h>
#include <glib.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.hpp"
#include "door/address.hpp"
#include "glibpp/ref.hpp"
#include "http/public_url.hpp"
#include "music/ranges.hpp"
#include "text/ascii.hpp"
#include "text/list.hpp"
#include "text/number.hpp"
#include "text/printable.hpp"

namespace infinara::config {

/// Numbers in the shortest form that reads back the same.
inline std::string show(auto value) {
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

/// Where a setting's value is: a row of the table says member_of<&Config::http, &Http::port>.
template <class T>
using Member = T& (*)(Config&);

template <auto part, auto member>
auto& member_of(Config& config) {
  return config.*part.*member;
}

template <class T>
T initial_value(Member<T> member) {
  Config config;
  return member(config);
}

struct Whole {
  Member<int> member;
  music::Range<int> allowed;
  std::string range() const {
    return "a whole number from " + show(allowed.low) + " to " + show(allowed.high);
  }
  std::string initial() const { return show(initial_value(member)); }
  bool read(std::string_view text, Config& config) const {
    const auto value = text::number<int>(text);
    if (!value || !allowed.contains(*value)) return false;
    member(config) = *value;
    return true;
  }
};

/// A whole number, or "auto", which is 0.
struct WholeOrAuto {
  Member<int> member;
  music::Range<int> allowed;
  std::string range() const {
    return "auto or a whole number from " + show(allowed.low) + " to " + show(allowed.high);
  }
  std::string initial() const {
    const int value = initial_value(member);
    return value == 0 ? "auto" : show(value);
  }
  bool read(std::string_view text, Config& config) const {
    if (text != "auto") return Whole{member, allowed}.read(text, config);
    member(config) = 0;
    return true;
  }
};

struct Number {
  Member<double> member;
  music::Range<double> allowed;
  const char* unit = "a number";
  std::string range() const {
    return std::string(unit) + " from " + show(allowed.low) + " to " + show(allowed.high);
  }
  std::string initial() const { return show(initial_value(member)); }
  bool read(std::string_view text, Config& config) const {
    const auto value = text::number<double>(text);
    if (!value || !allowed.contains(*value)) return false;
    member(config) = *value;
    return true;
  }
};

struct Seed {
  Member<std::int64_t> member;
  std::string range() const {
    return "-1 (another each time) or a whole number to " + show(music::kSeeds.high);
  }
  std::string initial() const { return show(initial_value(member)); }
  bool read(std::string_view text, Config& config) const {
    const auto value = text::number<std::int64_t>(text);
    if (!value || *value < music::kSeeds.low || *value > music::kSeeds.high) return false;
    member(config) = *value;
    return true;
  }
};

struct Switch {
  Member<bool> member;
  std::string range() const { return "on or off"; }
  std::string initial() const { return initial_value(member) ? "on" : "off"; }
  bool read(std::string_view text, Config& config) const {
    const bool on = text == "on" || text == "true" || text == "yes" || text == "1";
    const bool off = text == "off" || text == "false" || text == "no" || text == "0";
    if (on || off) member(config) = on;
    return on || off;
  }
};

struct OneOf {
  Member<std::string> member;
  std::vector<std::string_view> choices;
  std::string range() const {
    std::string text = "one of";
    for (const auto& choice : choices)
      text += (&choice == &choices.front() ? ": " : ", ") + std::string(choice);
    return text;
  }
  std::string initial() const { return initial_value(member); }
  bool read(std::string_view text, Config& config) const {
    if (std::ranges::find(choices, text) == choices.end()) return false;
    member(config) = text;
    return true;
  }
};

/// Addresses of other servers.
struct Urls {
  Member<std::string> member;
  bool keys = false;  // each may have its key before its host: http://KEY@HOST
  std::string range() const {
    return std::string("http:// or https:// addresses, separated by commas, without names, ") +
           "passwords or queries" + (keys ? "; http://KEY@HOST has its own key" : "");
  }
  std::string initial() const { return initial_value(member); }
  bool read(std::string_view text, Config& config) const {
    for (const auto url : text::items_of(text))
      if (!is_server(keys ? without_key(url) : std::string(url))) return false;
    member(config) = text;
    return true;
  }

 private:
  static std::string without_key(std::string_view url) {
    const auto host = url.find("://");
    const auto at =
        url.substr(0, url.find_first_of("/?#", host == url.npos ? 0 : host + 3)).find('@');
    if (host == url.npos || at == url.npos || at <= host + 3) return std::string(url);
    if (url.substr(host + 3, at - host - 3).find(':') != url.npos) return std::string(url);
    return std::string(url.substr(0, host + 3)) + std::string(url.substr(at + 1));
  }
  static bool is_server(const std::string& url) {
    if (url.find_first_of("@?#") != url.npos || text::printable(url, 1000) != url) return false;
    const auto uri = glibpp::Ref<GUri>::adopt(g_uri_parse(url.c_str(), G_URI_FLAGS_NONE, nullptr));
    if (!uri) return false;
    const std::string_view scheme(g_uri_get_scheme(uri));
    const char* host = g_uri_get_host(uri);
    return (scheme == "http" || scheme == "https") && host != nullptr && *host != '\0';
  }
};

/// Addresses of this machine, never names: nothing is looked up.
struct Addresses {
  Member<std::string> member;
  std::string range() const { return "IPv4 or IPv6 addresses, separated by commas"; }
  std::string initial() const { return initial_value(member); }
  bool read(std::string_view text, Config& config) const {
    for (const auto item : text::items_of(text)) {
      const std::string address(item);
      in6_addr any{};
      if (::inet_pton(AF_INET, address.c_str(), &any) != 1 &&
          ::inet_pton(AF_INET6, address.c_str(), &any) != 1)
        return false;
    }
    member(config) = text;
    return true;
  }
};

struct Proxies {
  Member<std::string> member;
  std::string range() const {
    return "addresses and ranges like 192.0.2.7, 10.0.0.0/8 or fd00::/8, separated by commas, or "
           "none";
  }
  std::string initial() const { return initial_value(member); }
  bool read(std::string_view text, Config& config) const {
    if (!door::AddressRanges::read(text)) return false;
    member(config) = text;
    return true;
  }
};

struct Url {
  Member<std::string> member;
  std::string range() const {
    return "http:// or https://, a host, perhaps a port and a path, without a query";
  }
  std::string initial() const { return initial_value(member); }
  bool read(std::string_view text, Config& config) const {
    if (!http::read_public_url(text)) return false;
    member(config) = text;
    return true;
  }
};

/// A server that helps WebRTC through routers, as GStreamer spells it.
struct IceServer {
  Member<std::string> member;
  std::string_view scheme;  // without "://"
  std::string range() const {
    return scheme == "stun" ? "stun://HOST:PORT" : "turn://USER:PASSWORD@HOST:PORT";
  }
  std::string initial() const { return initial_value(member); }
  bool read(std::string_view text, Config& config) const {
    std::string_view rest = text;
    if (!rest.starts_with(scheme)) return false;
    rest.remove_prefix(scheme.size());
    if (scheme == "turn" && rest.starts_with("s://")) rest.remove_prefix(1);
    if (!rest.starts_with("://") || text.size() > 512) return false;
    rest.remove_prefix(3);
    if (scheme == "turn") {
      const auto at = rest.rfind('@');
      const auto colon = rest.find(':');
      if (at == rest.npos || colon == 0 || colon + 1 >= at) return false;
      rest.remove_prefix(at + 1);
    }
    const auto colon = rest.rfind(':');
    const int port = colon == rest.npos ? 0 : text::number<int>(rest.substr(colon + 1)).value_or(0);
    const bool plain = std::ranges::all_of(rest, [](char c) {
      return text::is_alnum(c) || std::string_view(".-:[]_").find(c) != std::string_view::npos;
    });
    if (colon == 0 || port < 1 || port > 65535 || !plain || text::printable(text, 512) != text)
      return false;
    member(config) = text;
    return true;
  }
};

/// A password or a token, which is never shown.
struct Secret {
  Member<std::string> member;
  std::string range() const { return "8 to 128 visible characters of ASCII"; }
  std::string initial() const { return ""; }
  bool read(std::string_view text, Config& config) const {
    if (text.size() < 8 || text.size() > 128 ||
        !std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; }))
      return false;
    member(config) = text;
    return true;
  }
};

struct Text {
  Member<std::string> member;
  std::size_t most;
  std::string range() const {
    return "1 to " + show(most) + " bytes of UTF-8, not blank, no control characters";
  }
  std::string initial() const { return initial_value(member); }
  bool read(std::string_view text, Config& config) const {
    const bool blank = text.find_first_not_of(' ') == text.npos;
    if (blank || text.size() > most || text::printable(text, most) != text) return false;
    member(config) = text;
    return true;
  }
};

/// A file with a secret as its only line, as systemd and Docker hand them over.
template <class Kind>
struct FileOf {
  Kind line;
  std::string range() const { return "a file that holds " + line.range(); }
  std::string initial() const { return ""; }
  bool read(std::string_view text, Config& config) const {
    std::ifstream file{std::string(text)};
    std::string only, more;
    return std::getline(file, only) && !std::getline(file, more) && line.read(only, config);
  }
};

}  // namespace infinara::config
