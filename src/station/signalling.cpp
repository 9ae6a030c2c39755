// SPDX-License-Identifier: Apache-2.0
#include "station/signalling.hpp"

#include "station/json.hpp"
#include "text/ascii.hpp"

namespace infinara::station {
namespace {

constexpr std::string_view kSession = "/whep/";

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

/// Of the ICE session, which lasts as long as the seat: there is no ICE restart.
std::string etag_of(std::string_view id) {
  return "\"" + std::string(id.substr(0, 12)) + "\"";
}

void take(Offer offer, const Request& request, Seats& seats, const std::function<void(Reply)>& said,
          const std::function<Reply(const Seats::Seat&)>& welcome) {
  seats.take(std::move(offer), request.from,
             [said, welcome](const std::variant<Seats::Seat, Seats::NoSeat>& got) {
               if (const auto* seat = std::get_if<Seats::Seat>(&got)) return said(welcome(*seat));
               const auto& none = std::get<Seats::NoSeat>(got);
               Reply reply = refusal(none.status, none.why);
               if (none.retry_after > 0)
                 reply.headers.emplace_back("Retry-After", std::to_string(none.retry_after));
               said(reply);
             });
}

/// The original's way: JSON in, JSON out.
void post_offer(const Request& request, Seats& seats, const std::function<void(Reply)>& said) {
  // Only what a browser does not send without asking first may come from another site's page.
  if (is_cross_site(request) && type_of(request) != "application/json")
    return said(refusal(415, "the body must be application/json"));
  const auto read = json::read_object(request.body);
  if (const auto* fault = std::get_if<json::Fault>(&read))
    return said(refusal(request.body.size() > json::kMostBytes ? 413 : 400,
                        std::string("invalid SDP offer: the body must be a JSON object like "
                                    R"({"type":"offer","sdp":"v=0…"}; )") +
                            fault->why));
  const auto& fields = std::get<json::Fields>(read);
  const auto text = [&](const char* name) -> const std::string* {
    const auto found = fields.find(name);
    return found == fields.end() ? nullptr : std::get_if<std::string>(&found->second);
  };
  const auto* type = text("type");
  const auto* sdp = text("sdp");
  if (type == nullptr || *type != "offer")
    return said(refusal(400, R"(invalid SDP offer: type must be "offer")"));
  if (sdp == nullptr) return said(refusal(400, "invalid SDP offer: sdp must be a text"));
  auto offer = read_offer(*sdp);
  if (const auto* bad = std::get_if<BadOffer>(&offer))
    return said(refusal(bad->status, "invalid SDP offer: " + bad->why));
  take(std::get<Offer>(std::move(offer)), request, seats, said,
       [](const Seats::Seat& seat) -> Reply {
         return {.body = json::Object().set("type", "answer").set("sdp", seat.answer).text() + "\n",
                 .headers = {{"Location", std::string(kSession) + seat.id},
                             {"Cache-Control", "no-store"}}};
       });
}

void post_whep(const Request& request, Seats& seats, const std::function<void(Reply)>& said) {
  if (type_of(request) != "application/sdp")
    return said(refusal(415, "the body must be an SDP offer, as application/sdp"));
  auto offer = read_offer(request.body);
  if (const auto* bad = std::get_if<BadOffer>(&offer))
    return said(refusal(bad->status, "invalid SDP offer: " + bad->why));
  const std::string stun = seats.stun();
  take(std::get<Offer>(std::move(offer)), request, seats, said, [stun](const Seats::Seat& seat) {
    Reply reply{.status = 201,
                .type = "application/sdp",
                .body = seat.answer,
                .headers = {{"Location", std::string(kSession) + seat.id},
                            {"ETag", etag_of(seat.id)},
                            {"Accept-Patch", "application/trickle-ice-sdpfrag"},
                            {"Cache-Control", "no-store"}}};
    if (!stun.empty()) reply.headers.emplace_back("Link", "<" + stun + R"(>; rel="ice-server")");
    return reply;
  });
}

Reply patch(const Request& request, std::string_view id, Seats& seats) {
  if (type_of(request) != "application/trickle-ice-sdpfrag")
    return refusal(415, "the body must be candidates, as application/trickle-ice-sdpfrag");
  if (request.if_match.empty()) return refusal(428, "If-Match must name the ETag of the session");
  if (request.if_match != "*" && request.if_match.find(etag_of(id)) == std::string_view::npos)
    return refusal(412, "If-Match is not the ETag of this session");
  const auto read = read_trickle(request.body);
  if (const auto* bad = std::get_if<BadOffer>(&read))
    return refusal(bad->status, "invalid candidates: " + bad->why);
  if (!seats.trickle(id, std::get<Trickle>(read)))
    return refusal(422, "an ICE restart is not served; end this session and begin another");
  return {.status = 204, .headers = {{"ETag", etag_of(id)}}};
}

Reply not_here(const std::string& allow) {
  Reply reply = refusal(405, "only " + allow + " work here");
  reply.headers.emplace_back("Allow", allow);
  return reply;
}

Reply preflight(const std::string& allow, bool whep, Seats& seats) {
  Reply reply{.status = 204,
              .headers = {{"Allow", allow},
                          {"Access-Control-Allow-Methods", allow},
                          {"Access-Control-Allow-Headers", "Content-Type, If-Match, Authorization"},
                          {"Access-Control-Max-Age", "86400"}}};
  if (!whep) return reply;
  reply.headers.emplace_back("Accept-Post", "application/sdp");
  if (const auto stun = seats.stun(); !stun.empty())
    reply.headers.emplace_back("Link", "<" + stun + R"(>; rel="ice-server")");
  return reply;
}

void route(const Request& request, Seats& seats, const std::function<void(Reply)>& said) {
  const bool session = request.path.starts_with(kSession);
  const std::string allow = session ? "PATCH, DELETE, OPTIONS" : "POST, OPTIONS";
  if (request.method == "OPTIONS") return said(preflight(allow, request.path == "/whep", seats));
  if (!session) {
    if (request.method != "POST") return said(not_here(allow));
    return request.path == "/whep" ? post_whep(request, seats, said)
                                   : post_offer(request, seats, said);
  }
  if (request.method != "PATCH" && request.method != "DELETE") return said(not_here(allow));
  const auto id = request.path.substr(kSession.size());
  if (!seats.has(id)) return said(refusal(404, "there is no such session; it may have ended"));
  if (request.method == "PATCH") return said(patch(request, id, seats));
  seats.leave(id);
  said({.body = json::Object().set("ok", true).text() + "\n"});
}

}  // namespace

bool is_signalling(std::string_view path) {
  return path == "/offer" || path == "/whep" || path.starts_with(kSession);
}

void signal(const Request& request, Seats& seats, std::function<void(Reply)> said) {
  // To listen is open to the pages of every site, as the stream is.
  route(request, seats, [said = std::move(said)](Reply reply) {
    reply.headers.emplace_back("X-Content-Type-Options", "nosniff");
    reply.headers.emplace_back("Access-Control-Allow-Origin", "*");
    reply.headers.emplace_back("Access-Control-Expose-Headers",
                               "Location, ETag, Link, Accept-Patch, Retry-After");
    said(std::move(reply));
  });
}

}  // namespace infinara::station
