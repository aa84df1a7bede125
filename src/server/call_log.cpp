#include "server/call_log.hpp"

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <cstdio>
#include <optional>
#include <string>

#include "server/log.hpp"

namespace kurrentlite::server {
namespace {

constexpr const char* kStatusNames[] = {
    "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE",
    "DATA_LOSS", "UNAUTHENTICATED"};

std::string words_of(const grpc::Status& status) {
  const auto code = static_cast<std::size_t>(status.error_code());
  std::string words = code < std::size(kStatusNames) ? kStatusNames[code] : std::to_string(code);
  if (!status.error_message().empty()) words += " (" + status.error_message() + ")";
  return words;
}

/// Lives as long as its call.
class CallLog final : public grpc::experimental::Interceptor {
 public:
  explicit CallLog(grpc::experimental::ServerRpcInfo& info)
      : method_(info.method()), peer_(static_cast<grpc::CallbackServerContext*>(info.server_context())->peer()) {}
  CallLog(const CallLog&) = delete;
  CallLog& operator=(const CallLog&) = delete;

  ~CallLog() override {
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - began_;
    char duration[32];
    std::snprintf(duration, sizeof duration, " %.1f ms", took.count());
    log::write(log::Level::Debug, method_ + " " + peer_ + " " + status_.value_or("ended by the client") + duration);
  }

  void Intercept(grpc::experimental::InterceptorBatchMethods* methods) override {
    if (methods->QueryInterceptionHookPoint(grpc::experimental::InterceptionHookPoints::PRE_SEND_STATUS)) {
      status_ = words_of(methods->GetSendStatus());
    }
    methods->Proceed();
  }

 private:
  std::string method_;
  std::string peer_;
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  std::optional<std::string> status_;
};

class CallLogFactory final : public grpc::experimental::ServerInterceptorFactoryInterface {
 public:
  grpc::experimental::Interceptor* CreateServerInterceptor(grpc::experimental::ServerRpcInfo* info) override {
    return new CallLog(*info);
  }
};

}  // namespace

std::vector<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>> call_log() {
  std::vector<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>> creators;
  creators.push_back(std::make_unique<CallLogFactory>());
  return creators;
}

}  // namespace kurrentlite::server
