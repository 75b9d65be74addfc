#pragma once
/// Folders whose files have fixed names. Each file may also be there packed (.gz, .xz) or unpacked.

#include <filesystem>
#include <string>
#include <vector>

#include "data/source.h"

namespace wta {

/// MNIST's four idx files. Throws IoError that names a missing one, DataError.
[[nodiscard]] Source read_mnist_layout(const std::filesystem::path& folder);
/// CIFAR-10's official binary version: five training batches and one of test images.
[[nodiscard]] Source read_cifar10_layout(const std::filesystem::path& folder);
/// Grey idx images alone: training and test.
[[nodiscard]] Source read_bsds300_layout(const std::filesystem::path& folder);
/// Idx images and labels, without a split.
[[nodiscard]] Source read_olivetti_layout(const std::filesystem::path& folder);
/// Idx images alone, without a split.
[[nodiscard]] Source read_frey_layout(const std::filesystem::path& folder);
/// Lines of a digit and 256 values in -1..1, which become 0..1. Training and test.
[[nodiscard]] Source read_usps_layout(const std::filesystem::path& folder);
/// The cropped digits, train_32x32.mat and test_32x32.mat (read_svhn_file).
[[nodiscard]] Source read_svhn_layout(const std::filesystem::path& folder);
/// A MATLAB file with images X [H,W,C,n] of bytes and, perhaps, digits y [n] with 10 meaning 0.
[[nodiscard]] Source read_svhn_file(const std::filesystem::path& file);
/// One file of CIFAR-10's binary version, without a split.
[[nodiscard]] Source read_cifar10_file(const std::filesystem::path& file);

/// In the order of the label bytes, which is also the order of the alphabet.
[[nodiscard]] std::vector<std::string> cifar10_class_names();

/// True when the folder holds a file of the layout.
[[nodiscard]] bool has_mnist_layout(const std::filesystem::path& folder);
[[nodiscard]] bool has_cifar10_layout(const std::filesystem::path& folder);

}  // namespace wta
