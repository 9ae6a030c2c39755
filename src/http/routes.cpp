// SPDX-License-Identifier: Apache-2.0
#include "http/routes.hpp"

namespace infinara::http {

Reply reply_of(const json::Object& object, int status) {
  return {
      .status = status, .body = object.text() + "\n", .headers = {{"Cache-Control", "no-store"}}};
}

Reply reply_of(const Refused& refused) {
  return reply_of(json::Object().set("ok", false).set("error", refused.error), refused.status);
}

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
  if (methods.get && (request.method == "GET" || request.method == "HEAD")) return {};
  if (methods.post && request.method == "POST") {
    if (!is_cross_site(request)) return {};
    return reply_of(
        Refused{403, "a page of another site may not do this; a proxy must pass Host on"});
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
