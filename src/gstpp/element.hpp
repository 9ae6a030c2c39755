// SPDX-License-Identifier: Apache-2.0
// The GObject shell of a C++ class: its GType, its life, and C slots filled with its members.
//
// A class Impl becomes a GType by stating
//   using Base = GstPushSrc;  using BaseClass = GstPushSrcClass;   the C structs it extends
//   static constexpr const char* kTypeName = "InfinaraTone";
//   static GType base_type() { return GST_TYPE_PUSH_SRC; }
//   static void class_init(BaseClass* klass);
//   explicit Impl(Base& self);         run at instance init; ~Impl at finalize
// The C++ object lives in GObject's instance-private memory, so it is there from init to finalize.
#pragma once

#include <gst/gst.h>

#include <exception>
#include <new>
#include <type_traits>

namespace gstpp {

namespace detail {

template <class Impl>
struct Shell {
  inline static gint private_offset = 0;
  inline static gpointer parent_class = nullptr;

  static Impl* impl(gpointer instance) {
    return reinterpret_cast<Impl*>(static_cast<char*>(instance) + private_offset);
  }

  static void finalize(GObject* object) {
    impl(object)->~Impl();
    G_OBJECT_CLASS(parent_class)->finalize(object);
  }

  static void class_init(gpointer klass, gpointer) {
    parent_class = g_type_class_peek_parent(klass);
    g_type_class_adjust_private_offset(klass, &private_offset);
    G_OBJECT_CLASS(klass)->finalize = finalize;
    Impl::class_init(static_cast<typename Impl::BaseClass*>(klass));
  }

  static void instance_init(GTypeInstance* instance, gpointer) {
    new (impl(instance)) Impl(*reinterpret_cast<typename Impl::Base*>(instance));
  }
};

/// Posts the exception that reached a C border, since none may cross it.
void report_exception(gpointer instance, const char* what);

template <class Method>
struct MethodTraits;
template <class Impl_, class Return, class... Args>
struct MethodTraits<Return (Impl_::*)(Args...)> {
  using Impl = Impl_;
};
template <class Impl_, class Return, class... Args>
struct MethodTraits<Return (Impl_::*)(Args...) const> {
  using Impl = Impl_;
};

/// Calls the member; when that throws, reports it and returns the C slot's failure value.
template <auto Method, class Return, class... Args>
Return guarded(gpointer instance, Args... args) {
  using Impl = typename MethodTraits<decltype(Method)>::Impl;
  try {
    return (Shell<Impl>::impl(instance)->*Method)(args...);
  } catch (const std::exception& error) {
    report_exception(instance, error.what());
  } catch (...) {
    report_exception(instance, "an exception of unknown type");
  }
  if constexpr (std::is_same_v<Return, GstFlowReturn>)
    return GST_FLOW_ERROR;
  else
    return Return();  // FALSE, NULL, GST_STATE_CHANGE_FAILURE; nothing of void
}

template <auto Method, class Return, class Self, class... Args>
void bind_slot(Return (*&slot)(Self*, Args...)) {
  slot = [](Self* self, Args... args) -> Return {
    return guarded<Method, Return, Args...>(self, args...);
  };
}

}  // namespace detail

/// The GType of Impl, registered at the first call. Any thread.
template <class Impl>
GType type_of() {
  static const GType type = [] {
    using Shell = detail::Shell<Impl>;
    static_assert(alignof(Impl) <= 2 * sizeof(gsize),
                  "GObject's private memory is aligned to this");
    GTypeQuery query;
    g_type_query(Impl::base_type(), &query);
    const GTypeInfo info = {static_cast<guint16>(query.class_size),
                            nullptr,
                            nullptr,
                            Shell::class_init,
                            nullptr,
                            nullptr,
                            static_cast<guint16>(query.instance_size),
                            0,
                            Shell::instance_init,
                            nullptr};
    const GType id =
        g_type_register_static(Impl::base_type(), Impl::kTypeName, &info, GTypeFlags{});
    Shell::private_offset = g_type_add_instance_private(id, sizeof(Impl));
    return id;
  }();
  return type;
}

/// The C++ object behind an instance of its type.
template <class Impl>
Impl& impl_of(gpointer instance) {
  return *detail::Shell<Impl>::impl(instance);
}

/// The parent's class struct, to chain up:
/// `parent_class_of<Deck, GstBinClass>()->handle_message(…)`.
template <class Impl, class Class = typename Impl::BaseClass>
Class* parent_class_of() {
  return static_cast<Class*>(detail::Shell<Impl>::parent_class);
}

/// Fills a virtual-method slot `R (*)(Self*, Args…)` with the member `R Impl::method(Args…)`; the
/// compiler checks the signature. An exception becomes an element error and the failure value.
/// Works for any slot whose first argument is the instance, `change_state` and GObject's included.
template <auto Method, class Slot>
void bind(Slot& slot) {
  detail::bind_slot<Method>(slot);
}

/// A pad function `R (GstPad*, GstObject* parent, Args…)` that calls `R Impl::method(GstPad*,
/// Args…)` of the parent element: `gst_pad_set_chain_function(pad, pad_function<&Mix::chain>)`.
template <auto Method>
struct PadFunction;

template <class Impl, class Return, class... Args, Return (Impl::*Method)(GstPad*, Args...)>
struct PadFunction<Method> {
  static Return call(GstPad* pad, GstObject* parent, Args... args) {
    return detail::guarded<Method, Return, GstPad*, Args...>(parent, pad, args...);
  }
};

/// Of a pad that is an Impl itself: calls `R Impl::method(GstObject* parent, Args…)` of the pad.
template <class Impl, class Return, class... Args, Return (Impl::*Method)(GstObject*, Args...)>
struct PadFunction<Method> {
  static Return call(GstPad* pad, GstObject* parent, Args... args) {
    return detail::guarded<Method, Return, GstObject*, Args...>(pad, parent, args...);
  }
};

template <auto Method>
inline constexpr auto pad_function = &PadFunction<Method>::call;

}  // namespace gstpp
