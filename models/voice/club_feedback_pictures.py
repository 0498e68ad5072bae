"""Pictures that members send with their feedback."""

import io

from odoo import models
from odoo.exceptions import UserError
from odoo.tools.image import image_process
from PIL import Image, UnidentifiedImageError

PICTURES, PICTURE_BYTES, PICTURE_SIDE = 3, 8 * 1024 * 1024, 1920
PICTURE_FORMATS = {"JPEG": "jpg", "PNG": "png", "WEBP": "jpg"}


class ClubFeedback(models.Model):
    _inherit = "club.feedback"

    def _add_pictures(self, uploads):
        """Keep pictures that came with the form; what they are is read from their content, never from their name.

        Each is drawn anew as JPEG or PNG: neither a place in the metadata nor anything hidden behind the picture
        survives. Other files are refused, for staff open what is here.

        :param uploads: files of the request, with ``read``
        :raise UserError: too many, too large, or no picture; nothing is kept then
        """
        self.ensure_one()
        contents = [content for upload in uploads[: PICTURES + 1] if (content := upload.read(PICTURE_BYTES + 1))]
        if len(contents) > PICTURES:
            raise UserError(self.env._("Send at most %(most)s pictures. Nothing was sent yet.", most=PICTURES))
        values = []
        for number, content in enumerate(contents, start=1):
            content, extension = self._draw_anew(content)
            values.append(
                {
                    "name": f"picture-{number}.{extension}",
                    "raw": content,
                    "res_model": self._name,
                    "res_id": self.id,
                }
            )
        if values and not self.file_ids:
            self._set({"file_ids": [(6, 0, self.env["ir.attachment"].sudo().create(values).ids)]})

    def _draw_anew(self, content):
        if len(content) > PICTURE_BYTES:
            raise UserError(
                self.env._("A picture has at most %(size)s MB. Nothing was sent yet.", size=PICTURE_BYTES >> 20)
            )
        try:
            with Image.open(io.BytesIO(content)) as picture:
                kind = picture.format
            if kind not in PICTURE_FORMATS:
                raise UnidentifiedImageError
            form = "PNG" if kind == "PNG" else "JPEG"
            drawn = image_process(
                content, size=(PICTURE_SIDE, PICTURE_SIDE), verify_resolution=True, quality=85, output_format=form
            )
        except UserError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a broken picture does to the library
            raise UserError(
                self.env._("Only pictures can be sent (JPEG, PNG or WebP). Nothing was sent yet.")
            ) from error
        return drawn, PICTURE_FORMATS[kind]
