// SPDX-License-Identifier: Apache-2.0
#include "http/routes.hpp"

namespace infinara::http {

std::optional<Reply> reply_without_handler(const Request& request, const Methods& methods) {
  const std::string allow =
      std::string(methods.get ? "GET, HEAD, " : "") + (methods.post ? "POST, " : "") + "OPTIONS";
  if (request.method == "OPTIONS") {
    Reply preflight{.status = 204, .headers = {{"Allow", allow}}};
    if (methods.is_open) {
      preflight.headers.emplace_back("Access-Control-Allow-Methods", allow);
      preflight.headers.emplace_back("Access-Control-Allow-Headers", "Icy-MetaData, Range");
      preflight.headers.emplace_back("Access-Control-Max-Age", "86400");
    }
    return preflight;
  }
  if (methods.get && (request.method == "GET" || request.method == "HEAD")) {
    if (methods.get_listens && !request.rights.listen)
      return unauthorized("to listen here takes a password", true);
    if (methods.get_controls && !request.rights.control)
      return unauthorized("this takes the control token", false);
    return {};
  }
  if (methods.post && request.method == "POST") {
    if (methods.post_controls && !request.rights.control)
      return unauthorized("to change something takes the control token", false);
    if (!request.rights.listen) return unauthorized("to listen here takes a password", false);
    if (const auto refused = refusal_of_change(request)) return reply_of(*refused);
    return {};
  }
  Reply refusal = reply_of(Refused{405, "only " + allow + " work here"});
  refusal.headers.emplace_back("Allow", allow);
  return refusal;
}

Reply page_reply(const Page& page, const Request& request) {
  const bool is_gzip = !page.gzipped.empty() && accepts_gzip(request.accept_encoding);
  std::string etag = page.etag;
  if (is_gzip) etag.insert(etag.size() - 1, "-gzip");
  Reply reply{.type = std::string(page.type),
              .headers = {{"ETag", etag},
                          {"Cache-Control", "no-cache"},
                          {"Vary", "Accept-Encoding"},
                          {"Content-Security-Policy",
                           "default-src 'self'; base-uri 'none'; form-action 'none'; "
                           "frame-ancestors 'none'"},
                          {"Referrer-Policy", "no-referrer"}}};
  if (is_known(request.if_none_match, etag)) {
    reply.status = 304;
  } else {
    reply.body = is_gzip ? page.gzipped : page.bytes;
    if (is_gzip) reply.headers.emplace_back("Content-Encoding", "gzip");
  }
  return reply;
}

}  // namespace infinara::http
