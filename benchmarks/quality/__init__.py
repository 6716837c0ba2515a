"""Cover and revealed PSNR and SSIM through files, beside baselines."""
