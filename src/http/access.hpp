// SPDX-License-Identifier: Apache-2.0
// Who may listen and who may change something: two secrets, and what a request must be like that
// comes without the second one.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "http/message.hpp"

namespace infinara::http {

/// Empty secrets leave the right to everybody.
struct Secrets {
  std::string listen_password;
  std::string control_token;
};

/// What a request may do by its Authorization header: `Basic`, with any user name, or `Bearer` with
/// the password; `Bearer` with the token may do both.
Rights rights_of(std::string_view authorization, const Secrets& secrets);

/// Takes as long for each wrong text of the same length.
bool is_same_secret(std::string_view given, std::string_view secret);

/// Whether a name cannot be another site's that is made to lead to this machine (DNS rebinding): an
/// address, localhost, a name without a dot, one of a local network's own domains, or
/// `public_host`. `host` may have a port.
bool is_known_host(std::string_view host, std::string_view public_host);

/// Why a page, or whoever sends it, may not change something without the control token; nothing if
/// it may.
std::optional<Refused> refusal_of_change(const Request& request);

/// 401, and how to ask again. A browser asks its user for a password only where `for_people`.
Reply unauthorized(const std::string& why, bool for_people);

}  // namespace infinara::http
