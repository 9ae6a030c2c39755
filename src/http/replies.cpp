// SPDX-License-Identifier: Apache-2.0
#include "http/replies.hpp"

#include <string>

namespace infinara::http {

Reply reply_of(const json::Object& object, int status) {
  return {
      .status = status, .body = object.text() + "\n", .headers = {{"Cache-Control", "no-store"}}};
}

Reply reply_of(const Refused& refused) {
  Reply reply =
      reply_of(json::Object().set("ok", false).set("error", refused.error), refused.status);
  if (refused.retry_after > 0)
    reply.headers.emplace_back("Retry-After", std::to_string(refused.retry_after));
  return reply;
}

}  // namespace infinara::http
