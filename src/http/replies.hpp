// SPDX-License-Identifier: Apache-2.0
// Replies in JSON, which are never cached.
#pragma once

#include "http/message.hpp"
#include "json/json.hpp"

namespace infinara::http {

Reply reply_of(const json::Object& object, int status = 200);
/// `{"ok":false,"error":…}`, with Retry-After if `refused` has it.
Reply reply_of(const Refused& refused);

}  // namespace infinara::http
