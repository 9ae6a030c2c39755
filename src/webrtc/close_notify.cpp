// SPDX-License-Identifier: Apache-2.0
#include "webrtc/close_notify.hpp"

#include <condition_variable>
#include <mutex>

namespace infinara::webrtc {
namespace {

using gstpp::Ref;

constexpr guint8 kAlert = 21;  // ContentType of RFC 5246, section 6.2.1

}  // namespace

struct CloseNotify::State {
  std::mutex mutex;  // guards the one below
  bool seen = false;
  std::condition_variable came;
};

void CloseNotify::send(GstElement* dtlsenc, GstElement* nicesink) {
  if (dtlsenc == nullptr || nicesink == nullptr) return;
  pad_ = Ref<GstPad>::adopt(gst_element_get_static_pad(nicesink, "sink"));
  // EOS at dtlsenc's only sink pad makes it send close_notify. webrtcbin has requested that pad for
  // data channels.
  auto in = Ref<GstPad>::adopt(gst_element_get_static_pad(dtlsenc, "sink"));
  if (!in) in = Ref<GstPad>::adopt(gst_element_request_pad_simple(dtlsenc, "sink"));
  if (!pad_ || !in) return;
  state_ = std::make_shared<State>();
  gst_pad_add_probe(
      pad_, GST_PAD_PROBE_TYPE_BUFFER,
      [](GstPad*, GstPadProbeInfo* info, gpointer data) {
        guint8 type = 0;
        gst_buffer_extract(GST_PAD_PROBE_INFO_BUFFER(info), 0, &type, 1);
        if (type != kAlert) return GST_PAD_PROBE_OK;
        State& state = **static_cast<std::shared_ptr<State>*>(data);
        const std::lock_guard lock(state.mutex);
        state.seen = true;
        state.came.notify_all();
        return GST_PAD_PROBE_REMOVE;
      },
      new std::shared_ptr<State>(state_),
      [](gpointer data) { delete static_cast<std::shared_ptr<State>*>(data); });
  gst_pad_send_event(in, gst_event_new_stream_start("goodbye"));
  gst_pad_send_event(in, gst_event_new_eos());
}

bool CloseNotify::wait(std::chrono::milliseconds most) const {
  if (!state_) return false;
  {
    std::unique_lock lock(state_->mutex);
    if (!state_->came.wait_for(lock, most, [this] { return state_->seen; })) return false;
  }
  // The probe saw the alert before nicesink did. It has been sent once the pad is free again.
  GST_PAD_STREAM_LOCK(pad_.get());
  GST_PAD_STREAM_UNLOCK(pad_.get());
  return true;
}

}  // namespace infinara::webrtc
