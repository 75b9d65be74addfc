#include "io/sha256.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>
#include <new>
#include <vector>

#include "io/descriptor.h"
#include "wta/error.h"

namespace wta {

struct Sha256::State {
  struct Free {
    void operator()(EVP_MD_CTX* digest) const { EVP_MD_CTX_free(digest); }
  };
  std::unique_ptr<EVP_MD_CTX, Free> context{EVP_MD_CTX_new()};
};

namespace {

void require(int result) {
  if (result != 1) throw InternalError("sha256: OpenSSL refused a digest. Please report this.");
}

}  // namespace

Sha256::Sha256() : state_(std::make_unique<State>()) {
  if (!state_->context) throw std::bad_alloc();
  require(EVP_DigestInit_ex(state_->context.get(), EVP_sha256(), nullptr));
}

Sha256::~Sha256() = default;

void Sha256::update(std::span<const std::byte> bytes) {
  require(EVP_DigestUpdate(state_->context.get(), bytes.data(), bytes.size()));
}

std::string Sha256::hex() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  require(EVP_DigestFinal_ex(state_->context.get(), digest.data(), &size));
  std::string text;
  for (unsigned int i = 0; i < size; ++i) text += fmt::format("{:02x}", digest[i]);
  return text;
}

std::string sha256_of_file(const std::filesystem::path& path) {
  const Descriptor file = open_file(path, O_RDONLY);
  Sha256 sum;
  std::vector<std::byte> block(1 << 20);
  std::optional<std::size_t> got = file.open() ? std::optional(block.size()) : std::nullopt;
  while (got == block.size()) {
    got = read_full(file.get(), block);
    if (got) sum.update(std::span(block).first(*got));
  }
  if (got) return sum.hex();
  const std::string reason = system_reason();
  throw IoError(fmt::format("{}: the file cannot be read: {}. Try: another path.", path.string(), reason));
}

}  // namespace wta
