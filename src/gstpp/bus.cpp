// SPDX-License-Identifier: Apache-2.0
#include "gstpp/bus.hpp"

namespace gstpp {

BusWatch::BusWatch(GstElement* pipeline) : bus_(Ref<GstBus>::adopt(gst_element_get_bus(pipeline))) {
  gst_bus_add_watch(
      bus_,
      [](GstBus*, GstMessage* message, gpointer self) -> gboolean {
        const auto& handles = static_cast<BusWatch*>(self)->handles_;
        const auto found = handles.find(GST_MESSAGE_TYPE(message));
        if (found != handles.end()) found->second(message);
        return G_SOURCE_CONTINUE;
      },
      this);
}

BusWatch::~BusWatch() {
  gst_bus_remove_watch(bus_);
}

BusWatch& BusWatch::on(GstMessageType type, Handle handle) {
  handles_[type] = std::move(handle);
  return *this;
}

std::string describe_error(GstMessage* message) {
  Error error;
  gchar* debug = nullptr;
  if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_WARNING)
    gst_message_parse_warning(message, error.out(), &debug);
  else
    gst_message_parse_error(message, error.out(), &debug);
  const String detail(debug);
  std::string text = std::string(GST_MESSAGE_SRC_NAME(message)) + ": " + error.message();
  if (detail) text += " (" + std::string(detail.get()) + ")";
  return text;
}

}  // namespace gstpp
