"""The files behind figures: a result is out of date when one of them changes (./dev results)."""


def modules(folder: str, *names: str) -> list[str]:
    return [f"{folder}/{name}{end}" for name in names for end in (".h", ".cpp")]


def kernels(*names: str) -> list[str]:
    return [f"src/kernels/{name}{end}" for name in names for end in (".h", "_cpu.cpp")]


SHARED = [
    *("bench/driver.py", "bench/pytorch_baseline.py", "bench/step_bench.cpp", "bench/random_values.h"),
    *("src/core", "src/optim", "src/kernels/row_sink.h"),
    *("src/kernels/simd_rows-inl.h", "src/kernels/simd_transpose-inl.h"),
    *modules("src/kernels", "isa", "winners"),
    *kernels("lifetime_selection", "row_update"),
    *modules("src/model", "training_step", "winner_slots"),
]
OF_FC = [
    *kernels("linear_relu", "accumulate_atoms", "winner_gradient", "winner_weights", "one_layer_backward"),
    "src/kernels/simd_winners-inl.h",
    *modules("src/model", "fc_training_step"),
]
OF_CONV = [
    *modules("src/kernels", "conv_filters"),
    *("src/kernels/conv_paths.h", "src/kernels/conv_relu.h", "src/kernels/conv_outputs-inl.h"),
    *("src/kernels/conv_patches_cpu.cpp", "src/kernels/conv_winograd_cpu.cpp", "src/kernels/maps.h"),
    *("src/kernels/panel_product-inl.h", "src/kernels/winograd_tiles-inl.h", "src/kernels/winograd_transforms-inl.h"),
    *("src/kernels/patch_product-inl.h", "src/kernels/simd_patches-inl.h"),
    *kernels("conv_backward", "max_pool", "paste_patches", "patch_gradient", "patch_weights", "touched_positions"),
    *kernels("winograd_gradient"),
    *modules("src/model", "conv_batch", "conv_codes", "conv_decoder", "dense_conv_gradient", "conv_encoder"),
    *modules("src/model", "conv_gradients", "conv_training_step"),
]
FC = [*SHARED, *OF_FC]
CONV = [*SHARED, "bench/onednn_convolution.h", *OF_CONV]
