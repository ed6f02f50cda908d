# English. One file per language; both have the same keys and the same variables (kept by tests/promises/words.rs).
# A button is a verb. An error is: what, where, what to do. The same word for the same thing everywhere.

## Terms: the names of `src/terms`

lang-en = English
lang-ja = 日本語
structure-body = body
structure-table = table
structure-left-lung = left lung
structure-right-lung = right lung
structure-airways = airways
structure-lung-vessels = lung vessel
structure-bone = bone
structure-mediastinum = mediastinum
structure-below-diaphragm = below the diaphragm
structure-spinal-canal = spinal canal
structure-contrast-vessels = contrast-filled vessel
structure-skin = skin
structure-shaft = shaft
structure-tip = tip
structure-way-in = way in
structure-cut-skin = skin cut by the field of view
site-lung = lung
site-mediastinum = mediastinum
site-pleura = pleura
site-chest-wall = chest wall
site-source-guessed = guessed
site-source-given = given
site-reason-default = nothing else was found around it
site-reason-lung-around = lung around it
site-reason-lung-on-one-face = lung on one side, wall on the other
site-reason-mediastinum-around = mediastinum around it
site-reason-no-lung-around = no lung around it
picked-only = the only series that can be planned on
picked-first = the first of several alike
picked-original = the original acquisition
picked-long = covers most of the chest
picked-thin = the thinnest slices
picked-soft-kernel = the softer kernel
picked-contrast = with contrast
side-right = right
side-left = left
pose-as-scanned = as scanned
pose-supine = supine
pose-prone = prone
pose-left-decubitus = left decubitus
pose-right-decubitus = right decubitus
severity-info = note
severity-warning = warning
severity-error = error
value-mm = { $value } mm
value-mm-pm = { $value } ± { $pm } mm
value-mm3 = { $value } mm³
value-ml = { $value } ml
value-hu = { $value } HU
value-degree = { $value }°
value-celsius = { $value } °C
value-percent = { $value } %
value-at-least = ≥ { $value }
value-at-most = ≤ { $value }
value-unknown = unknown
where-file = in { $file }
where-slice = slice { $first }
where-slices = slices { $first }–{ $last }
where-point = at { $x }, { $y }, { $z } mm

## Findings: what was doubtful, what it means, what to do

finding-gantry-tilt = The gantry was tilted by { $degrees }°. The slices were resampled to a straight volume; what is measured is measured on the resampled slices.
finding-uneven-spacing = The distances between slices are not even ({ $least } to { $most } mm). Look twice at lengths across slices.
finding-missing-slices = { $count ->
    [one] 1 slice is missing between z { $from } and { $to } mm. Do not measure or plan there; load the complete series.
   *[other] { $count } slices are missing between z { $from } and { $to } mm. Do not measure or plan there; load the complete series.
    }
finding-thick-slices = The slices are thick ({ $thickness } mm, every { $spacing } mm). Small lesions, vessels and ribs may hide between them; load the thin series if there is one.
finding-overlapping-slices = The slices overlap: { $thickness } mm thick, every { $spacing } mm.
finding-gap-between-slices = There are gaps between the slices: { $thickness } mm thick, every { $spacing } mm. Nothing is known of what lies in the gaps.
finding-duplicate-slices = { $count ->
    [one] 1 slice is there twice with the same picture; one is used.
   *[other] { $count } slices are there more than once with the same picture; one of each is used.
    }
finding-duplicate-conflict = { $count ->
    [one] 1 slice lies at the place of another one with a different picture; the first is used. Check that this is the series that you mean.
   *[other] { $count } slices lie at the place of another one with a different picture; the first of each is used. Check that this is the series that you mean.
    }
finding-split-acquisitions = The series holds { $count } acquisitions or phases. They are offered as volumes of their own; choose the one that you mean.
finding-split-patients = Files of this series belong to different patients. They were taken apart; check which one you mean.
finding-split-studies = Files of this series belong to different studies. They were taken apart; check which one you mean.
finding-split-frames-of-reference = Files of this series have different frames of reference: their positions do not belong together. They were taken apart.
finding-split-sizes = The series holds images of { $count } different sizes or pixel spacings. They were taken apart.
finding-excluded-localizer = A localizer was left out.
finding-excluded-secondary-capture = Images that are no slices (screen captures, dose reports) were left out.
finding-excluded-slice = A slice was left out: { $why } Fetch the series again from the archive.
finding-oblique = The slices lie { $degrees }° off the patient's axes; axial views show them as they were taken.
finding-derived = These are derived images, not the original acquisition. Prefer the original series for measuring.
finding-padding = { $share } % of the volume lie outside of the field of view, hold no measurement and are left out.
finding-lossy = The images were compressed with loss: HU and edges are approximate. Load the lossless series for measuring.
finding-rescale-missing = Rescale slope and intercept are missing: the values cannot be called HU. Fetch the original series.
finding-spacing-missing = Pixel spacing is missing: nothing can be measured. Fetch the original series.
finding-position-missing = Image positions are missing: the slices cannot be placed. Fetch the original series.
finding-orientation-missing = Image orientation is missing: left and right are not known. Fetch the original series.
finding-too-few-slices = { $count ->
    [one] Only 1 slice: too few for a volume. Load a series that covers the lesion.
   *[other] Only { $count } slices: too few for a volume. Load a series that covers the lesion.
    }
finding-no-preamble = The file has no DICOM header of its own; how it is stored was inferred.
finding-missing-file = The DICOMDIR names a file that is not there. Copy the whole medium.
finding-transfer-syntax-unsupported = The images are compressed in a way that cannot be read: { $name } ({ $uid }). Export them uncompressed or as JPEG 2000.
finding-truncated = The file ends before its picture does. Copy it again.
finding-not-dicom = Not a DICOM file; left out.
finding-corrupt = The file cannot be read: { $what }. Fetch it again from the archive.
finding-limit-exceeded = Refused: { $what }. No chest scan needs as much; check where the file comes from.
finding-unsafe-archive = Left out of the archive: { $what }. Unpack it with another program, look at it, and open the folder.
finding-research-volume = A research volume without DICOM identity: fine for looking and trying, no CRF row is written.
finding-skin-cut = The skin is cut off by the field of view on some slices; no entry is proposed there.
finding-unreadable = It could not be read ({ $why }). Check that it exists and that you may open it.
finding-not-seen = Not found: { $structure }. Its rules are unknown, not kept: look for yourself.
finding-wall-vessels-not-seen = The scan has no contrast: vessels outside of the lungs, as the intercostal and internal thoracic ones, were not seen. Look for them yourself.
finding-soft-border = The outline is a guess where the lesion meets tissue like itself. Check it there, or draw the diameters by hand.
finding-coarse-for-lesion = The lesion lies on { $slices } slices only, { $mm } mm apart: its size is uncertain. Load thinner slices.
finding-lesion-at-edge = The outline reaches the edge of the scan: the lesion may go on beyond it.
finding-may-have-leaked = The outline may have run into tissue around the lesion. Check it, or draw a stroke over the longest diameter.
finding-click-in-air = There is only air. Click inside the lesion.
finding-axis-leaves-lesion = The longest diameter leaves the lesion for { $mm } mm on its way between its ends.
finding-lesions-overlap = Two lesions overlap. If they are one, delete one of them.
finding-no-free-needle = No needle was found that breaks no rule. What stops most skin entries: { $rule } ({ $percent } % of them).
finding-rule-unknown = { $rule } cannot be judged: not seen ({ $structure }). Look along the needle yourself.
finding-rule-broken = { $rule }: { $measured }, allowed { $allowed } ({ $structure }). Move the needle.
finding-rule-warning = { $rule }: { $measured }, wanted { $allowed } ({ $structure }). Look there before you go on.
finding-pose-differs = The pose ({ $pose }) is not that of the scan: organs, lesion and ribs will shift. Plan again on a scan in that pose.
finding-needle-unverified = { $model }: sizes and ice are not verified against the maker's instructions for use.
finding-short-coverage = The ice does not cover the whole lesion with the margin asked for. Move the needle, or add one.
finding-not-eligible = A criterion of the trial is not met.
finding-eligibility-borderline = A limit of the trial lies within the measuring error. Have a second reader measure.
finding-subject-missing = No subject id was given; the CRF row has none.
finding-value-differs = A saved value differs from what is computed now.
finding-assets-replaced = An edited copy of needles, rules or other tables is in use.
finding-sample = This is the synthetic sample scan: nobody's chest.

## Parts of findings

limit-matrix = an image of too many rows, columns or frames
limit-volume = a volume of too many voxels
limit-folders = folders nested too deeply
limit-files = too many files
limit-structure = lengths or depths in the file over the limit
split-by-acquisition = by acquisition number
split-by-time = by time
split-by-phase = by phase
split-by-number = by image number
archive-broken = the archive is damaged
archive-member = a damaged entry
archive-link = a link
archive-encrypted = an encrypted entry
archive-path = an entry that would leave its folder
archive-method = an entry packed in an unknown way
archive-bomb = an entry that unpacks to far more than it can be
excluded-size = its size is another than that of the rest.
corrupt-image = its picture is damaged
corrupt-positions = its slices have no possible places
corrupt-structure = its structure is damaged
corrupt-packing = its compression is damaged

## Errors: what, where, what to do

error-disk-full = The disk is full. Free some space and save again; nothing that was saved before is lost.
error-not-permitted = You may not write there. Choose another folder.
error-read-only = That place is read-only. Choose another folder.
error-not-found = It is not there any more. Check the path or the medium.
error-name-too-long = The path is too long. Choose a shorter one.
error-busy = Another program holds the file. Close it there and try again.
error-too-large = It is larger than such a file can be; it was not read.
error-write = It could not be written: { $why }. Choose another place.
error-no-file-manager = The file manager could not be started. The folder is { $folder }.
error-plan-unreadable = The plan { $file } could not be read: { $why }.
error-plan-not-a-plan = { $file } is not a plan of this program. Open a plan.json.
error-plan-newer = The plan was saved by a newer version (format { $version }; this program reads up to { $known }). Update the program; nothing was changed.
error-plan-damaged = The plan is damaged: { $what }. Take the copy from before, or plan again.
error-edit-no-lesion = That lesion is not in the plan any more.
error-edit-no-needle = That needle is not in the plan any more.
error-edit-too-many-lesions = The plan has three target lesions already, the most that the trial allows. Delete one first.
error-edit-mask = The outline does not fit onto the plan's CT.
error-edit-value = That value is not possible: { $what }.
error-fault = A fault of the program: the job stopped. Nothing was changed; try again, and report it with what you did.

## Needle rules: the ids of `assets/rules.toml`

rule-bone = Distance to bone (mm)
rule-lung-vessels = Distance to lung vessels (mm)
rule-wall-vessels = Distance to vessels outside the lungs (mm)
rule-mediastinum = Distance to the mediastinum (mm)
rule-below-diaphragm = Not below the diaphragm (mm)
rule-other-lung = Not through the other lung (mm)
rule-depth = Depth within the usable shaft (mm)
rule-tip-beyond = Tip beyond the lesion (mm)
rule-real-skin = Entry on the skin (mm)
rule-skin-angle = Angle between needle and skin (°)
rule-way-in = Solid things in the way in (mm)
rule-stays-inside = Shaft outside of the body (mm)
rule-lies-on = Skin the patient lies on (° from down)

## Why a needle is offered: the reasons of `src/placement`

alternative-best = best of all: least margin at −20 °C { $margin } mm, least clearance { $clearance } mm
alternative-next = another way: least margin at −20 °C { $margin } mm, least clearance { $clearance } mm, depth { $depth } mm
alternative-coverage = covers the lesion better: least margin at −20 °C { $margin } mm
alternative-clearance = farther from everything: least clearance { $clearance } mm
alternative-short = shorter: depth { $depth } mm
alternative-in-plane = nearer to the axial plane: { $angle }° out of it
alternative-lung = less lung on the way: { $lung } mm

## Stages of long work

stage-opening = Opening
stage-reading = Reading files
stage-screening = Checking files
stage-decoding = Decoding slices
stage-volume = Building the volume
stage-body = Finding body and table
stage-lungs = Finding the lungs
stage-airways = Finding the airways
stage-bone = Finding the bones
stage-vessels = Finding vessels
stage-mediastinum = Finding the mediastinum
stage-diaphragm = Finding the diaphragm
stage-canal = Finding the spinal canal
stage-anatomy = Finding structures
stage-distances = Measuring distances
stage-lesion = Outlining the lesion
stage-measuring = Measuring
stage-needles = Searching needles
stage-ice = Growing the ice
stage-pictures = Drawing pictures
stage-writing = Writing files
stage-phantom = Making the sample scan
stage-read = Reading slices
stage-scan = Looking through files
stage-export = Writing files

## Digital chests

phantom-nodule = Nodule behind a rib
phantom-nodule-teaches = A solid nodule of 15 mm in the right lower lobe. The straight way in meets a rib: find the way between two ribs.
phantom-pleural = Mass on the pleura
phantom-pleural-teaches = A lobulated mass of about 3 cm with a broad base on the left pleura. Outline it without the chest wall, and keep the ice off the ribs.
phantom-heart = Nodule beside the heart
phantom-heart-teaches = A nodule of 24 mm against the left heart, with contrast. The needle and the ice must respect heart and vessels.
phantom-prone = Nodule, prone
phantom-prone-teaches = The same nodule with the patient scanned on the belly: rows and columns of the picture run the other way, the table lies in front.

## Edits, for the undo menu

edit-undo = Undo: { $edit }
edit-redo = Redo: { $edit }
edit-lesion-add = add lesion { $n }
edit-lesion-delete = delete lesion { $n }
edit-lesion-outline = outline of lesion { $n }
edit-lesion-axes = diameters of lesion { $n }
edit-lesion-site = site of lesion { $n }
edit-needle-add = add needle { $n }
edit-needle-delete = delete needle { $n }
edit-needle-move = move needle { $n }
edit-needle-model = model of needle { $n }
edit-needle-pose = pose of needle { $n }
edit-needle-lesion = target of needle { $n }
edit-pose = pose
edit-margin = margin
edit-subject = subject id
edit-reader = reader
edit-notes = notes
edit-answer = trial question
edit-several = several changes

## The trial

trial-met = met
trial-not-met = not met
trial-borderline = borderline (the limit lies within the measuring error)
trial-unknown = not yet known
trial-eligibility = Eligibility
trial-inclusion = Inclusion criteria
trial-exclusion = Exclusion criteria
trial-list-incomplete = The trial's public document names these criteria "among others": ask the trial office for the rest.
trial-yes = yes
trial-no = no
trial-rule-malignancy = Malignancy of lung, mediastinum, pleura or chest wall
trial-rule-histology = Histological diagnosis of the primary or of a metastasis
trial-rule-no-standard-treatment = No indication for standard treatment
trial-rule-target-count = Target lesions of the treatment: at most 3
trial-rule-size-lung = Greatest diameter: at most 3.5 cm (lung)
trial-rule-size-other = Greatest diameter: at most 10 cm (mediastinum, pleura, chest wall)
trial-rule-no-other-active-lesion = No active lesion besides the target lesions
trial-rule-age = Age 18 to 79, full years
trial-rule-performance-status = Performance status (ECOG) 0 to 2
trial-rule-consent = Written consent of the patient
trial-rule-conference = Judged suitable by the tumour board (radiation oncologist, diagnostic radiologist, chest physician, chest surgeon)
trial-rule-coagulopathy = Uncontrolled coagulopathy or bleeding disorder
trial-rule-infection = Active systemic, respiratory or pericardial infection that needs systemic treatment
trial-rule-cannot-lie-still = Cannot keep lying still for the time of the procedure
trial-why-within-limit = within the limit
trial-why-within-limit-3d-over = within the limit on the axial slice; the largest 3-D diameter is above it, ask the trial office which counts
trial-why-over-limit = above the limit
trial-why-under-limit = below the limit
trial-why-limit-within-error = the limit lies within the measuring error
trial-why-not-answered = not answered yet
trial-why-answer-not-possible = that answer cannot be; check it
trial-why-as-required = as required
trial-why-not-as-required = not as required

## The report and the sheet

report-research-only = Research use only, not for clinical decisions.
report-unverified = not verified against the instructions for use
report-derived = derived
report-positions-of = Positions are of the planning CT of { $date }.
report-positions-of-undated = Positions are of the planning CT (no date in its header).
report-entry-slice = Entry slice { $n } of { $of }, z { $z } mm
report-entry-from-lesion = Entry from the lesion's measuring slice
report-entry-from-carina = Entry from the carina
report-entry-from-midline = Entry from the midline
report-towards-head = { $mm } mm towards the head
report-towards-feet = { $mm } mm towards the feet
report-to-right = { $mm } mm to the patient's right
report-to-left = { $mm } mm to the patient's left
report-carina-not-seen = carina not seen
report-in-plane-angle = In-plane angle
report-craniocaudal-angle = Cranio-caudal angle
report-depth-pleura = Depth to the pleura
report-depth-tip = Depth to the tip
report-model = Needle model
report-pose = Pose
report-subject = Subject id
report-reader = Reader

## The desk

desk-title = IcePath
desk-open = Open
desk-lesion = Lesion
desk-anatomy = Anatomy
desk-needles = Needles
desk-ice = Ice
desk-report = Report
desk-saved = saved
desk-not-saved = not saved
desk-cannot-save = cannot save: { $why }
desk-cancel = Cancel
desk-save = Save
desk-undo = Undo
desk-redo = Redo
desk-delete = Delete
desk-axial = Axial
desk-coronal = Coronal
desk-sagittal = Sagittal
desk-long-axis = Long axis
desk-short-axis = Short axis
desk-volume = Volume
desk-coverage = Coverage
desk-least-margin = Least margin

## Case and command line

error-unreadable = { $path } cannot be read: { $why }
error-no-image = No DICOM image and no volume was found in { $path }. Choose the folder that holds the scan.
error-nothing-usable = No series in { $path } can be planned on; the findings say why for each.
error-no-such-series = { $why } in { $path }. "icepath series" lists what is there.
error-no-lesion = No lesion was found there. Draw a stroke over its longest diameter.
error-cancelled = Cancelled.
error-other-ct = This CT is not the plan's: { $what } differs. Give the plan's own CT; nothing was changed.
error-ct-not-found = The plan's CT was not found. Say where it is with --ct.
error-not-writable = { $path } cannot be written: { $why }. Choose another place.
long-axis = Long axis
short-axis = Short axis
volume = Volume
not-seen = not seen
series-usable = usable for planning
series-not-usable = not usable for planning
