// SPDX-License-Identifier: Apache-2.0
// WebRTC as any program does it that links GStreamer's elements: for each listener a pipeline of
// appsrc, payloader and webrtcbin. What the station's own way is measured against.
#pragma once

#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>
#include <gst/sdp/sdp.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "gstpp/ref.hpp"
#include "tools/local_webrtc.hpp"
#include "webrtc/signalling.hpp"
#include "webrtc/webrtcbin.hpp"

namespace infinara::webrtc {

class PlainSessions : public Sessions {
 public:
  /// Sends what this appsink gets, which is Opus.
  explicit PlainSessions(GstElement* appsink) {
    g_object_set(appsink, "sync", FALSE, nullptr);
    GstAppSinkCallbacks callbacks{};
    callbacks.new_sample = [](GstAppSink* sink, gpointer self) {
      const auto sample = gstpp::Ref<GstSample>::adopt(gst_app_sink_pull_sample(sink));
      if (!sample) return GST_FLOW_EOS;
      auto& sessions = *static_cast<PlainSessions*>(self);
      const std::lock_guard lock(sessions.mutex_);
      for (const auto& peer : sessions.peers_)
        if (peer->connected) {
          GstBuffer* buffer = gst_buffer_copy(gst_sample_get_buffer(sample));
          GST_BUFFER_PTS(buffer) = GST_BUFFER_DTS(buffer) = GST_CLOCK_TIME_NONE;
          gst_app_src_push_buffer(GST_APP_SRC(peer->source.get()), buffer);
        }
      return GST_FLOW_OK;
    };
    gst_app_sink_set_callbacks(GST_APP_SINK(appsink), &callbacks, this, nullptr);
  }
  ~PlainSessions() override {
    for (const auto& peer : peers_) gst_element_set_state(peer->pipeline, GST_STATE_NULL);
  }

  unsigned connected() const {
    unsigned count = 0;
    for (const auto& peer : peers_) count += peer->connected ? 1 : 0;
    return count;
  }

  bool is_on() override { return true; }
  void begin(Offer offer, const sockaddr_storage&, Begun begun) override {
    auto peer = std::make_unique<Peer>();
    const std::string type = std::to_string(offer.payload_type);
    peer->pipeline = gstpp::Ref<GstElement>::sink(gst_parse_launch(
        ("appsrc name=s is-live=true format=time do-timestamp=true max-buffers=25 "
         "leaky-type=downstream caps=audio/x-opus,channel-mapping-family=0,channels=2,rate=48000 ! "
         "rtpopuspay pt=" +
         type + " ! webrtcbin name=w bundle-policy=max-bundle latency=0")
            .c_str(),
        nullptr));
    GstBin* bin = GST_BIN(peer->pipeline.get());
    peer->source = gstpp::Ref<GstElement>::adopt(gst_bin_get_by_name(bin, "s"));
    peer->webrtc = gstpp::Ref<GstElement>::adopt(gst_bin_get_by_name(bin, "w"));
    peer->offer = std::move(offer);
    peer->begun = std::move(begun);
    GstElement* webrtc = peer->webrtc;
    keep_local(webrtc);
    gstpp::Ref<GObject> transceiver;
    const auto pad = gstpp::Ref<GstPad>::adopt(gst_element_get_static_pad(webrtc, "sink_0"));
    g_object_get(pad, "transceiver", transceiver.out(), nullptr);
    const auto caps = gstpp::Ref<GstCaps>::adopt(gst_caps_from_string(
        ("application/x-rtp,media=audio,encoding-name=OPUS,clock-rate=48000,payload=" + type)
            .c_str()));
    gst_util_set_object_arg(transceiver, "direction", "sendonly");
    g_object_set(transceiver, "codec-preferences", caps.get(), nullptr);
    g_signal_connect(webrtc, "notify::connection-state",
                     G_CALLBACK(+[](GObject* webrtc, GParamSpec*, gpointer peer) {
                       if (nick_of(webrtc, "connection-state") == "connected")
                         static_cast<Peer*>(peer)->connected = true;
                     }),
                     peer.get());
    g_signal_connect(webrtc, "notify::ice-gathering-state",
                     G_CALLBACK(+[](GObject* webrtc, GParamSpec*, gpointer peer) {
                       if (nick_of(webrtc, "ice-gathering-state") == "complete")
                         g_idle_add(
                             [](gpointer peer) -> gboolean {
                               static_cast<Peer*>(peer)->answer();
                               return G_SOURCE_REMOVE;
                             },
                             peer);
                     }),
                     peer.get());
    gst_element_set_state(peer->pipeline, GST_STATE_PLAYING);
    g_signal_emit_by_name(
        webrtc, "set-remote-description",
        SessionDescription::read(SessionDescription::Type::kOffer, peer->offer.sdp).get(), nullptr);
    g_signal_emit_by_name(
        webrtc, "create-answer", nullptr,
        gst_promise_new_with_change_func(
            [](GstPromise* promise, gpointer webrtc) {
              const auto answer = SessionDescription::of(gst_promise_get_reply(promise), "answer");
              gst_promise_unref(promise);
              g_signal_emit_by_name(webrtc, "set-local-description", answer.get(), nullptr);
            },
            webrtc, nullptr));
    const std::lock_guard lock(mutex_);
    peers_.push_back(std::move(peer));
  }
  bool has(std::string_view) override { return true; }
  bool trickle(std::string_view, const Trickle&) override { return true; }
  bool end(std::string_view) override { return true; }
  std::string stun() override { return ""; }

 private:
  struct Peer {
    gstpp::Ref<GstElement> pipeline, source, webrtc;
    Offer offer;
    Begun begun;
    std::atomic<bool> connected = false;

    void answer() {
      const std::string text = SessionDescription::of(webrtc, "local-description").text();
      if (const auto call = std::exchange(begun, nullptr))
        call(Session{"00000000000000000000000000000000", text});
    }
  };

  std::mutex mutex_;  // guards peers_
  std::vector<std::unique_ptr<Peer>> peers_;
};

}  // namespace infinara::webrtc
