// SPDX-License-Identifier: Apache-2.0
#include "webrtc/signalling.hpp"

#include "json/json.hpp"
#include "text/ascii.hpp"

namespace infinara::webrtc {
namespace {

using http::Reply;
using http::Request;

constexpr std::string_view kSession = "/whep/";
constexpr std::string_view kSdp = "application/sdp";
constexpr std::string_view kFragment = "application/trickle-ice-sdpfrag";

Reply refusal(int status, const std::string& why) {
  return {.status = status,
          .body = json::Object().set("ok", false).set("error", why).text() + "\n",
          .headers = {{"Cache-Control", "no-store"}}};
}

/// The media type without its parameters, in lower case.
std::string type_of(const Request& request) {
  auto type = request.content_type.substr(0, request.content_type.find(';'));
  while (type.ends_with(' ')) type.remove_suffix(1);
  return text::lowered(type);
}

/// The entity tag of the ICE session. It never changes, since there is no ICE restart.
std::string etag_of(std::string_view id) {
  return "\"" + std::string(id.substr(0, 12)) + "\"";
}

/// Whether If-Match (RFC 9110, section 13.1.1) holds for `etag`: `*`, or a list of entity tags of
/// which one is the same by strong comparison. WHEP's own example has `*` in quotes; that holds
/// too.
bool matches(std::string_view if_match, std::string_view etag) {
  if (if_match == "*" || if_match == R"("*")") return true;
  bool found = false;
  while (!if_match.empty()) {
    if (if_match.front() == ' ' || if_match.front() == '\t' || if_match.front() == ',') {
      if_match.remove_prefix(1);
      continue;
    }
    const bool weak = if_match.starts_with("W/");
    const auto open = weak ? 2u : 0u;
    const auto close = if_match.find('"', open + 1);
    if (if_match.size() <= open || if_match[open] != '"' || close == if_match.npos) return false;
    found = found || (!weak && if_match.substr(0, close + 1) == etag);
    if_match.remove_prefix(close + 1);
    if (!if_match.empty() && if_match.find_first_of(" \t,") != 0) return false;
  }
  return found;
}

/// What leads from the URL of the request that began a session to the session, before its id: a
/// proxy may have put any path before ours, so Location is relative.
std::string way_to_session(const Request& request) {
  return request.path.ends_with('/') ? "" : "whep/";
}

void take(Offer offer, const Request& request, Sessions& sessions,
          const std::function<void(Reply)>& said,
          const std::function<Reply(const Sessions::Session&)>& reply_of) {
  sessions.begin(std::move(offer), request.from,
                 [said, reply_of](const Result<Sessions::Session, Sessions::Refusal>& session) {
                   if (session) return said(reply_of(*session));
                   const Sessions::Refusal& none = session.error();
                   Reply reply = refusal(none.status, none.why);
                   if (none.retry_after > 0)
                     reply.headers.emplace_back("Retry-After", std::to_string(none.retry_after));
                   said(reply);
                 });
}

/// The original's way: JSON in, JSON out.
void post_offer(const Request& request, Sessions& sessions,
                const std::function<void(Reply)>& said) {
  // Only what a browser does not send without asking first may come from another site's page.
  if (http::is_cross_site(request) && type_of(request) != "application/json")
    return said(refusal(415, "the body must be application/json"));
  const auto fields = json::read_object(request.body);
  if (!fields)
    return said(refusal(request.body.size() > json::kMaxRequestBytes ? 413 : 400,
                        std::string("invalid SDP offer: the body must be a JSON object like "
                                    R"({"type":"offer","sdp":"v=0…"}; )") +
                            fields.error().why));
  const auto text = [&](const char* name) -> const std::string* {
    const auto found = fields->find(name);
    return found == fields->end() ? nullptr : std::get_if<std::string>(&found->second);
  };
  const auto* type = text("type");
  const auto* sdp = text("sdp");
  if (type == nullptr || *type != "offer")
    return said(refusal(400, R"(invalid SDP offer: type must be "offer")"));
  if (sdp == nullptr) return said(refusal(400, "invalid SDP offer: sdp must be a text"));
  auto offer = read_offer(*sdp);
  if (!offer) return said(refusal(offer.error().status, "invalid SDP offer: " + offer.error().why));
  take(*std::move(offer), request, sessions, said, [](const Sessions::Session& session) -> Reply {
    return {.body = json::Object().set("type", "answer").set("sdp", session.answer).text() + "\n",
            .headers = {{"Location", "whep/" + session.id}, {"Cache-Control", "no-store"}}};
  });
}

void name_ice_servers(const std::string& stun, Reply& reply) {
  if (!stun.empty()) reply.headers.emplace_back("Link", "<" + stun + R"(>; rel="ice-server")");
}

void post_whep(const Request& request, Sessions& sessions, const std::function<void(Reply)>& said) {
  if (type_of(request) != kSdp)
    return said(refusal(415, "the body must be an SDP offer, as application/sdp"));
  auto offer = read_offer(request.body);
  if (!offer) return said(refusal(offer.error().status, "invalid SDP offer: " + offer.error().why));
  const std::string stun = sessions.stun(), way = way_to_session(request);
  take(*std::move(offer), request, sessions, said, [stun, way](const Sessions::Session& session) {
    Reply reply{.status = 201,
                .type = std::string(kSdp),
                .body = session.answer,
                .headers = {{"Location", way + session.id},
                            {"ETag", etag_of(session.id)},
                            {"Accept-Patch", std::string(kFragment)},
                            {"Cache-Control", "no-store"}}};
    name_ice_servers(stun, reply);
    return reply;
  });
}

Reply patch(const Request& request, std::string_view id, Sessions& sessions) {
  if (type_of(request) != kFragment)
    return refusal(415, "the body must be candidates, as " + std::string(kFragment));
  if (request.if_match.empty()) return refusal(428, "If-Match must name the ETag of the session");
  if (!matches(request.if_match, etag_of(id)))
    return refusal(412, "If-Match is not the ETag of this session");
  const auto trickle = read_trickle(request.body);
  if (!trickle)
    return refusal(trickle.error().status, "invalid candidates: " + trickle.error().why);
  if (!sessions.trickle(id, *trickle))
    return refusal(422,
                   "an ICE restart is not served; end this session and begin another: the same "
                   "programme goes on there");
  return {.status = 204};
}

Reply not_here(const std::string& allow) {
  Reply reply = refusal(405, "only " + allow + " work here");
  reply.headers.emplace_back("Allow", allow);
  return reply;
}

Reply options(const std::string& allow, bool is_offer, Sessions& sessions) {
  Reply reply{.type = "",
              .headers = {{"Allow", allow},
                          {"Access-Control-Allow-Methods", allow},
                          {"Access-Control-Allow-Headers", "Content-Type, If-Match, Authorization"},
                          {"Access-Control-Max-Age", "86400"},
                          {"Accept-Post", is_offer ? "application/json" : std::string(kSdp)}}};
  if (is_offer) return reply;
  reply.headers.emplace_back("Accept-Patch", std::string(kFragment));
  name_ice_servers(sessions.stun(), reply);
  return reply;
}

void route_offer(const Request& request, Sessions& sessions,
                 const std::function<void(Reply)>& said) {
  const std::string allow = "POST, OPTIONS";
  if (request.method == "OPTIONS") return said(options(allow, true, sessions));
  if (request.method != "POST") return said(not_here(allow));
  post_offer(request, sessions, said);
}

void route_endpoint(const Request& request, Sessions& sessions,
                    const std::function<void(Reply)>& said) {
  const std::string allow = "GET, HEAD, POST, OPTIONS";
  if (request.method == "OPTIONS") return said(options(allow, false, sessions));
  if (request.method == "GET") return said({.status = 204});
  if (request.method == "HEAD") return said({.type = std::string(kSdp)});
  if (request.method != "POST") return said(not_here(allow));
  post_whep(request, sessions, said);
}

void route_session(const Request& request, Sessions& sessions,
                   const std::function<void(Reply)>& said) {
  const std::string allow = "GET, HEAD, PATCH, DELETE, OPTIONS";
  if (request.method == "OPTIONS") return said(options(allow, false, sessions));
  const bool looks = request.method == "GET" || request.method == "HEAD";
  if (!looks && request.method != "PATCH" && request.method != "DELETE")
    return said(not_here(allow));
  const auto id = request.path.substr(kSession.size());
  if (!sessions.has(id)) return said(refusal(404, "there is no such session; it may have ended"));
  if (looks) return said({.status = 204});
  if (request.method == "PATCH") return said(patch(request, id, sessions));
  sessions.end(id);
  said({.body = json::Object().set("ok", true).text() + "\n"});
}

void route(const Request& request, Sessions& sessions, const std::function<void(Reply)>& said) {
  if (!sessions.is_on()) return said(refusal(404, "WebRTC is switched off here (RADIO_WEBRTC)"));
  if (request.path == "/offer") return route_offer(request, sessions, said);
  if (request.path == "/whep" || request.path == kSession)
    return route_endpoint(request, sessions, said);
  route_session(request, sessions, said);
}

}  // namespace

bool is_signalling(std::string_view path) {
  return path == "/offer" || path == "/whep" || path.starts_with(kSession);
}

void signal(const Request& request, Sessions& sessions, std::function<void(Reply)> said) {
  // Pages of every site may listen, as they may to the stream.
  route(request, sessions, [said = std::move(said)](Reply reply) {
    reply.headers.emplace_back("X-Content-Type-Options", "nosniff");
    reply.headers.emplace_back("Access-Control-Allow-Origin", "*");
    reply.headers.emplace_back("Access-Control-Expose-Headers",
                               "Location, ETag, Link, Accept-Patch, Accept-Post, Retry-After");
    said(std::move(reply));
  });
}

}  // namespace infinara::webrtc
